#include "ops/activation.h"

#include "numeric.h"
#include "ops/add.h"

namespace loquor::tests {

namespace {

constexpr Activation kAll[] = {Activation::silu,       Activation::gelu, Activation::gelu_tanh,
                               Activation::quick_gelu, Activation::relu, Activation::relu_squared,
                               Activation::sigmoid,    Activation::tanh};

double reference_activation(Activation activation, double x) {
  switch (activation) {
    case Activation::silu:
      return reference::silu(x);
    case Activation::gelu:
      return reference::gelu(x);
    case Activation::gelu_tanh:
      return reference::gelu_tanh(x);
    case Activation::quick_gelu:
      return reference::quick_gelu(x);
    case Activation::relu:
      return reference::relu(x);
    case Activation::relu_squared:
      return reference::relu_squared(x);
    case Activation::sigmoid:
      return reference::sigmoid(x);
    case Activation::tanh:
      return std::tanh(x);
  }
  return 0;
}

Matrix apply(Activation activation, const Matrix& x) {
  return x.unaryExpr([&](double value) { return reference_activation(activation, value); });
}

Matrix apply_gated(Activation activation, const Matrix& x) {
  const Eigen::Index width = x.cols() / 2;
  return apply(activation, x.leftCols(width)).cwiseProduct(x.rightCols(width));
}

}  // namespace

TEST_CASE("activations agree with the reference and their gradients with numeric differences") {
  Context context = context_of_garbage();
  for (const Activation activation : kAll) {
    CAPTURE(static_cast<int>(activation));
    for (const std::int64_t rows : {0, 1, 5}) {
      const Tensor x = random_tensor(context, rows, 37, 1, 3);
      const Tensor dy = random_tensor(context, rows, 37, 2);
      CHECK(difference(activate(context, x, activation), apply(activation, matrix(x))) < 2e-6);
      CHECK(difference(activate_backward(context, x, activation, dy),
                       numeric_gradient(matrix(x), matrix(dy), [&](const Matrix& v) {
                         return apply(activation, v);
                       })) < 1e-5);
    }
  }
}

TEST_CASE("activation gates agree with the reference and numeric differences") {
  Context context = context_of_garbage();
  for (const Activation activation : kAll) {
    CAPTURE(static_cast<int>(activation));
    for (const std::int64_t rows : {0, 1, 5}) {
      const Tensor x = random_tensor(context, rows, 2 * 19, 1, 2);
      const Tensor dy = random_tensor(context, rows, 19, 2);
      CHECK(difference(gated_activation(context, x, activation),
                       apply_gated(activation, matrix(x))) < 2e-6);
      CHECK(difference(gated_activation_backward(context, x, activation, dy),
                       numeric_gradient(matrix(x), matrix(dy), [&](const Matrix& v) {
                         return apply_gated(activation, v);
                       })) < 1e-5);
    }
  }
}

TEST_CASE("gradients of activations stay finite far from zero") {
  Context context = context_of_garbage();
  Tensor x = context.take(1, 4), dy = context.take(1, 4);
  for (std::int64_t i = 0; i < 4; ++i) {
    x.data()[i] = std::array{-1e4F, -90.0F, 90.0F, 1e4F}[static_cast<std::size_t>(i)];
    dy.data()[i] = 1;
  }
  for (const Activation activation : kAll) {
    CAPTURE(static_cast<int>(activation));
    const Tensor dx = activate_backward(context, x, activation, dy);
    CHECK(std::abs(dx.data()[0]) < 1e-6F);
    CHECK(std::abs(dx.data()[1]) < 1e-6F);
    const bool flat = activation == Activation::sigmoid || activation == Activation::tanh;
    const bool steep = activation == Activation::relu_squared;
    CHECK(dx.data()[2] == doctest::Approx(flat ? 0 : steep ? 180 : 1));
    CHECK(dx.data()[3] == doctest::Approx(flat ? 0 : steep ? 2e4 : 1));
  }
}

TEST_CASE("an activation works in place only where nobody else holds its input") {
  Context context = context_of_garbage();
  const Tensor x = random_tensor(context, 3, 8, 1), kept = copy(context, x);
  const Tensor y = activate(context, x, Activation::silu);
  CHECK(same_bits(x, kept));
  Tensor given = copy(context, x);
  const float* memory = given.data();
  const Tensor in_place = activate(context, std::move(given), Activation::silu);
  CHECK(in_place.data() == memory);
  CHECK(same_bits(in_place, y));
}

TEST_CASE("add sums, in place only where nobody else holds its first argument") {
  Context context = context_of_garbage();
  const Tensor a = random_tensor(context, 9, 31, 1), b = random_tensor(context, 9, 31, 2);
  const Tensor kept = copy(context, a);
  const Tensor sum = add(context, a, b);
  CHECK(difference(sum, matrix(a) + matrix(b)) < 1e-6);
  CHECK(same_bits(a, kept));
  Tensor given = copy(context, a);
  const float* memory = given.data();
  given = add(context, std::move(given), b);
  CHECK(given.data() == memory);
  CHECK(same_bits(given, sum));
  Tensor moved = copy(context, a);
  const Tensor held = moved;
  CHECK(same_bits(add(context, std::move(moved), b), sum));
  CHECK(same_bits(held, kept));
  const Tensor other = random_tensor(context, 9, 30, 2);
  CHECK(error_of(Code::internal, [&] { add(context, a, other); }) ==
        "add: b has shape (9, 30), expected (9, 31)");
}

TEST_CASE("a gate of odd width is refused") {
  Context context = context_of_garbage();
  const Tensor x = random_tensor(context, 1, 7, 1);
  error_of(Code::internal, [&] { gated_activation(context, x, Activation::silu); });
}

}  // namespace loquor::tests
