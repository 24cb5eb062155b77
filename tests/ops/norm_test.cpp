#include "ops/norm.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

constexpr float kEpsilon = 1e-5F;

struct Shape {
  std::int64_t rows, columns;
};
constexpr Shape kShapes[] = {{0, 5}, {1, 1}, {1, 7}, {3, 16}, {5, 67}};

}  // namespace

TEST_CASE("rms_norm agrees with the reference and its gradients with numeric differences") {
  Context context = context_of_garbage();
  for (const auto [rows, width] : kShapes) {
    const auto columns = width;
    CAPTURE(columns);
    const Tensor x = random_tensor(context, rows, columns, 1, 3);
    const Tensor dy = random_tensor(context, rows, columns, 2);
    const auto values = random_values(columns, 3);
    const Vector weight = Vector::copy(context.runtime, values, "test");
    const Row w = row(values);
    CHECK(difference(rms_norm(context, x, weight, kEpsilon),
                     reference::rms_norm<double>(matrix(x), w, kEpsilon)) < 1e-6);
    std::vector<float> dw(static_cast<std::size_t>(columns), 0);
    const Tensor dx = rms_norm_backward(context, x, weight, kEpsilon, dy, dw.data());
    const Matrix at = matrix(x);
    // Of one element the normalised value is its sign: the gradient is about zero.
    if (columns > 1) {
      CHECK(difference(dx, numeric_gradient(at, matrix(dy), [&](const Matrix& v) {
                         return reference::rms_norm<double>(v, w, kEpsilon);
                       })) < 1e-5);
    }
    CHECK(difference(dw, numeric_gradient(w, matrix(dy), [&](const Matrix& v) {
                       return reference::rms_norm<double>(at, Row(v), kEpsilon);
                     })) < 1e-5);
    const Tensor again = rms_norm_backward(context, x, weight, kEpsilon, dy, nullptr);
    CHECK(same_bits(again, dx));
  }
}

TEST_CASE("layer_norm agrees with the reference and its gradients with numeric differences") {
  Context context = context_of_garbage();
  for (const auto [rows, width] : kShapes) {
    const auto columns = width;
    if (columns == 1) continue;  // a single element is always centred to zero
    CAPTURE(columns);
    const Tensor x = random_tensor(context, rows, columns, 1, 3);
    const Tensor dy = random_tensor(context, rows, columns, 2);
    const auto w_values = random_values(columns, 3), b_values = random_values(columns, 4);
    const Vector weight = Vector::copy(context.runtime, w_values, "test");
    const Vector bias = Vector::copy(context.runtime, b_values, "test");
    const Row w = row(w_values), b = row(b_values);
    const Matrix at = matrix(x);
    CHECK(difference(layer_norm(context, x, weight, bias, kEpsilon),
                     reference::layer_norm<double>(at, w, b, kEpsilon)) < 1e-6);
    CHECK(difference(layer_norm(context, x, weight, {}, kEpsilon),
                     reference::layer_norm<double>(at, w, {}, kEpsilon)) < 1e-6);
    const auto size = static_cast<std::size_t>(columns);
    std::vector<float> dw(size, 0), db(size, 0);
    const Tensor dx = layer_norm_backward(context, x, weight, kEpsilon, dy, dw.data(), db.data());
    CHECK(difference(dx, numeric_gradient(at, matrix(dy), [&](const Matrix& v) {
                       return reference::layer_norm<double>(v, w, b, kEpsilon);
                     })) < 1e-5);
    CHECK(difference(dw, numeric_gradient(w, matrix(dy), [&](const Matrix& v) {
                       return reference::layer_norm<double>(at, Row(v), b, kEpsilon);
                     })) < 1e-5);
    CHECK(difference(db, numeric_gradient(b, matrix(dy), [&](const Matrix& v) {
                       return reference::layer_norm<double>(at, w, Row(v), kEpsilon);
                     })) < 1e-5);
  }
}

TEST_CASE("a row of zeros has a finite norm and gradient") {
  Context context = context_of_garbage();
  Tensor x = context.take(2, 8);
  std::fill_n(x.data(), x.size(), 0.0F);
  const Tensor dy = random_tensor(context, 2, 8, 1);
  const Vector weight = Vector::copy(context.runtime, random_values(8, 2), "test");
  CHECK(matrix(rms_norm_backward(context, x, weight, kEpsilon, dy, nullptr)).allFinite());
  CHECK(
      matrix(layer_norm_backward(context, x, weight, kEpsilon, dy, nullptr, nullptr)).allFinite());
  CHECK(matrix(rms_norm(context, x, weight, kEpsilon)).isZero());
}

TEST_CASE("norms give the same gradients in any number of threads") {
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    Context context = context_of_garbage(threads);
    const Tensor x = random_tensor(context, 200, 300, 1), dy = random_tensor(context, 200, 300, 2);
    const Vector weight = Vector::copy(context.runtime, random_values(300, 3), "test");
    std::vector<float> dw(300, 0);
    rms_norm_backward(context, x, weight, kEpsilon, dy, dw.data());
    if (first.empty()) first = dw;
    CHECK(dw == first);
  }
}

TEST_CASE("norms name the op and the sizes where they do not fit") {
  Context context = context_of_garbage();
  const Tensor x = random_tensor(context, 2, 8, 1);
  const Vector weight = Vector::copy(context.runtime, random_values(7, 2), "test");
  CHECK(error_of(Code::internal, [&] { rms_norm(context, x, weight, kEpsilon); }) ==
        "rms_norm: weight has size 7, expected 8");
}

}  // namespace loquor::tests
