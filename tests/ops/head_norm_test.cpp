#include "ops/head_norm.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

constexpr float kNear = 1e-5F;
constexpr NormHeads kHeads{.column = 3, .heads = 4, .head_width = 6};
constexpr std::int64_t kColumns = 30;

/// norm(heads as rows of their own) put back where they stand.
template <class Norm>
Matrix on_heads(const Matrix& x, Norm&& norm) {
  Matrix y = x;
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    for (std::int64_t head = 0; head < kHeads.heads; ++head) {
      const std::int64_t column = kHeads.column + head * kHeads.head_width;
      y.block(n, column, 1, kHeads.head_width) =
          norm(Matrix(x.block(n, column, 1, kHeads.head_width)));
    }
  }
  return y;
}

}  // namespace

TEST_CASE("rms_norm_heads agrees with the reference and its gradients with numeric differences") {
  Context context = context_of_garbage();
  const auto values = random_values(kHeads.head_width, 3);
  const Vector weight = Vector::copy(context.runtime, values, "test");
  const auto forward = [&](const Matrix& v, const Row& w) {
    return on_heads(
        v, [&](const Matrix& head) { return reference::rms_norm<double>(head, w, kNear); });
  };
  for (const std::int64_t rows : {0, 1, 5}) {
    const Tensor x = random_tensor(context, rows, kColumns, 1, 3);
    Tensor y = copy(context, x);
    rms_norm_heads(context, y, kHeads, weight, kNear);
    CHECK(difference(y, forward(matrix(x), row(values))) < 1e-6);
    const Tensor dy = random_tensor(context, rows, kColumns, 2);
    Tensor gradient = copy(context, dy);
    std::vector<float> dw(values.size(), 0);
    rms_norm_heads_backward(context, x, kHeads, weight, kNear, gradient, dw.data());
    CHECK(difference(gradient, numeric_gradient(matrix(x), matrix(dy), [&](const Matrix& v) {
                       return forward(v, row(values));
                     })) < 1e-5);
    CHECK(difference(dw, numeric_gradient(row(values), matrix(dy), [&](const Matrix& v) {
                       return forward(matrix(x), Row(v));
                     })) < 1e-5);
  }
}

TEST_CASE("layer_norm_heads agrees with the reference and its gradients with numeric differences") {
  Context context = context_of_garbage();
  const auto w_values = random_values(kHeads.head_width, 3);
  const auto b_values = random_values(kHeads.head_width, 4);
  const Vector weight = Vector::copy(context.runtime, w_values, "test");
  const Vector bias = Vector::copy(context.runtime, b_values, "test");
  const auto forward = [&](const Matrix& v, const Row& w, const Row& b) {
    return on_heads(
        v, [&](const Matrix& head) { return reference::layer_norm<double>(head, w, b, kNear); });
  };
  const Row w = row(w_values), b = row(b_values);
  for (const std::int64_t rows : {0, 1, 5}) {
    const Tensor x = random_tensor(context, rows, kColumns, 1, 3);
    const Matrix at = matrix(x);
    Tensor y = copy(context, x), without = copy(context, x);
    layer_norm_heads(context, y, kHeads, weight, bias, kNear);
    CHECK(difference(y, forward(at, w, b)) < 1e-6);
    layer_norm_heads(context, without, kHeads, weight, {}, kNear);
    CHECK(difference(without, forward(at, w, {})) < 1e-6);
    const Tensor dy = random_tensor(context, rows, kColumns, 2);
    Tensor gradient = copy(context, dy);
    std::vector<float> dw(w_values.size(), 0), db(b_values.size(), 0);
    layer_norm_heads_backward(context, x, kHeads, weight, kNear, gradient, dw.data(), db.data());
    CHECK(difference(gradient, numeric_gradient(at, matrix(dy), [&](const Matrix& v) {
                       return forward(v, w, b);
                     })) < 1e-5);
    CHECK(difference(dw, numeric_gradient(w, matrix(dy), [&](const Matrix& v) {
                       return forward(at, Row(v), b);
                     })) < 1e-5);
    CHECK(difference(db, numeric_gradient(b, matrix(dy), [&](const Matrix& v) {
                       return forward(at, w, Row(v));
                     })) < 1e-5);
  }
}

TEST_CASE("norms of heads name what does not fit") {
  Context context = context_of_garbage();
  Tensor x = random_tensor(context, 2, 26, 1);
  const Vector weight = Vector::copy(context.runtime, random_values(6, 3), "test");
  CHECK(error_of(Code::internal, [&] { rms_norm_heads(context, x, kHeads, weight, kNear); }) ==
        "rms_norm_heads: 4 heads of width 6 from column 3 in a row of 26");
}

}  // namespace loquor::tests
