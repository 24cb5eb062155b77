#include "ops/linear.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

struct Layer {
  std::int64_t outputs, inputs;
  std::vector<float> weight = random_values(outputs * inputs, 1);
  std::vector<float> bias = random_values(outputs, 2);

  Weight plain(const Runtime& from) const {
    return Weight::copy(from, weight, outputs, inputs, "test");
  }
  Weight packed(const Runtime& from, ComputeType type = ComputeType::f32) const {
    const auto rows = [this](std::int64_t first, std::int64_t count, float* out) {
      std::copy_n(weight.begin() + first * inputs, count * inputs, out);
    };
    return Weight(std::make_shared<const PackedMatrix>(
        PackedMatrix::pack(from, type, outputs, inputs, rows, "test")));
  }
};

}  // namespace

TEST_CASE("linear agrees with the reference on plain and on packed weights") {
  Context context = context_of_garbage();
  const Layer layer{.outputs = 70, .inputs = 33};
  const Vector bias = Vector::copy(context.runtime, layer.bias, "test");
  for (const Weight& weight : {layer.plain(context.runtime), layer.packed(context.runtime)}) {
    CAPTURE(weight.packed() != nullptr);
    for (const std::int64_t rows : {0, 1, 3, 4, 21}) {
      const Tensor x = random_tensor(context, rows, 33, 3);
      const Matrix w = matrix(layer.weight, 70, 33);
      CHECK(difference(linear(context, x, weight, bias),
                       reference::linear<double>(matrix(x), w, row(layer.bias))) < 1e-5);
      CHECK(difference(linear(context, x, weight), reference::linear<double>(matrix(x), w)) < 1e-5);
    }
  }
}

TEST_CASE("linear's gradients agree with numeric differences") {
  Context context = context_of_garbage();
  const Layer layer{.outputs = 7, .inputs = 5};
  const Weight weight = layer.plain(context.runtime);
  const Matrix w = matrix(layer.weight, 7, 5);
  const Row b = row(layer.bias);
  for (const std::int64_t rows : {0, 1, 6}) {
    const Tensor x = random_tensor(context, rows, 5, 3);
    const Tensor dy = random_tensor(context, rows, 7, 4);
    std::vector<float> dw(35, 0), db(7, 0);
    const Tensor dx = linear_backward(context, x, weight, dy, dw.data(), db.data());
    const Matrix at = matrix(x);
    CHECK(difference(dx, numeric_gradient(at, matrix(dy), [&](const Matrix& v) {
                       return reference::linear<double>(v, w, b);
                     })) < 1e-5);
    CHECK(difference(dw, numeric_gradient(w, matrix(dy), [&](const Matrix& v) {
                       return reference::linear<double>(at, v, b);
                     })) < 1e-5);
    CHECK(difference(db, numeric_gradient(b, matrix(dy), [&](const Matrix& v) {
                       return reference::linear<double>(at, w, Row(v));
                     })) < 1e-5);
  }
}

TEST_CASE("linear's gradients of parameters are added to what is there") {
  Context context = context_of_garbage();
  const Layer layer{.outputs = 7, .inputs = 5};
  const Tensor x = random_tensor(context, 4, 5, 3), dy = random_tensor(context, 4, 7, 4);
  std::vector<float> dw(35, 0), db(7, 0), dw_more(35, 10), db_more(7, 10);
  const Weight weight = layer.plain(context.runtime);
  linear_backward(context, x, weight, dy, dw.data(), db.data());
  linear_backward(context, x, weight, dy, dw_more.data(), db_more.data());
  for (std::size_t i = 0; i < 35; ++i) CHECK(dw_more[i] == doctest::Approx(dw[i] + 10));
  for (std::size_t i = 0; i < 7; ++i) CHECK(db_more[i] == doctest::Approx(db[i] + 10));
}

TEST_CASE("a frozen packed weight passes the gradient to its input and has none itself") {
  Context context = context_of_garbage();
  const Layer layer{.outputs = 600, .inputs = 37};  // several tiles, the last not full
  const Weight frozen = layer.packed(context.runtime);
  const Tensor x = random_tensor(context, 5, 37, 3), dy = random_tensor(context, 5, 600, 4);
  const Tensor dx = linear_backward(context, x, frozen, dy, nullptr, nullptr);
  CHECK(difference(dx, matrix(dy) * matrix(layer.weight, 600, 37)) < 1e-5);
  std::vector<float> dw(600 * 37);
  error_of(Code::unsupported, [&] { linear_backward(context, x, frozen, dy, dw.data(), nullptr); });
}

TEST_CASE("linear in bf16 is within bf16 rounding of the reference") {
  Context context = context_of_garbage();
  const Layer layer{.outputs = 65, .inputs = 64};
  const Weight weight = layer.packed(context.runtime, ComputeType::bf16);
  const Tensor x = random_tensor(context, 9, 64, 3);
  CHECK(difference(linear(context, x, weight),
                   reference::linear<double>(matrix(x), matrix(layer.weight, 65, 64))) < 1e-2);
}

TEST_CASE("linear names the op and both shapes where they do not fit") {
  Context context = context_of_garbage();
  const Layer layer{.outputs = 7, .inputs = 5};
  const Tensor x = random_tensor(context, 4, 6, 3);
  CHECK(error_of(Code::internal, [&] { linear(context, x, layer.plain(context.runtime)); }) ==
        "linear: x has shape (4, 6), expected (4, 5)");
  CHECK_NOTHROW(Weight::copy(context.runtime, layer.weight, 5, 7, "test"));
  error_of(Code::internal, [&] { Weight::copy(context.runtime, layer.weight, 5, 8, "test"); });
}

}  // namespace loquor::tests
