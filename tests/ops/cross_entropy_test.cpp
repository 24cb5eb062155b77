#include "ops/cross_entropy.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

Matrix losses(const Matrix& logits, std::span<const std::int32_t> targets) {
  Matrix result = Matrix::Zero(logits.rows(), 1);
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    const std::int32_t target = targets[static_cast<std::size_t>(i)];
    if (target == kIgnoredTarget) continue;
    const double maximum = logits.row(i).maxCoeff();
    result(i, 0) =
        maximum + std::log((logits.row(i).array() - maximum).exp().sum()) - logits(i, target);
  }
  return result;
}

}  // namespace

TEST_CASE("cross_entropy agrees with the reference and its gradient with numeric differences") {
  Context context = context_of_garbage();
  const std::vector<std::int32_t> targets = {0, 52, kIgnoredTarget, 7};
  const Tensor logits = random_tensor(context, 4, 53, 1, 4);
  const Tensor d_loss = random_tensor(context, 4, 1, 2);
  const Tensor loss = cross_entropy(context, logits, targets);
  CHECK(difference(loss, losses(matrix(logits), targets)) < 1e-6);
  CHECK(loss.row(2)[0] == 0);
  const Tensor gradient = cross_entropy_backward(context, logits, targets, d_loss);
  CHECK(difference(gradient, numeric_gradient(matrix(logits), matrix(d_loss), [&](const Matrix& v) {
                     return losses(v, targets);
                   })) < 1e-5);
  CHECK(matrix(gradient).row(2).isZero());
  CHECK(cross_entropy(context, context.take(0, 53), {}).rows() == 0);
}

TEST_CASE("cross_entropy of extreme logits is exact where the answer is known") {
  Context context = context_of_garbage();
  Tensor logits = context.take(2, 3);
  const float values[] = {1e4F, -1e4F, 0, -INFINITY, 5, -INFINITY};
  std::copy_n(values, 6, logits.data());
  const std::vector<std::int32_t> targets = {1, 1};
  const Tensor loss = cross_entropy(context, logits, targets);
  CHECK(loss.data()[0] == 2e4F);
  CHECK(loss.data()[1] == 0);
}

TEST_CASE("log_softmax agrees with the reference on a vocabulary's width, in place too") {
  auto logits = random_values(50'000, 1, 5);
  const Matrix expected =
      reference::softmax<double>(matrix(logits, 1, 50'000)).array().log().matrix();
  log_softmax(logits, logits);
  CHECK(difference(logits, expected) < 1e-6);
  const std::vector<float> masked(3, -INFINITY);
  CHECK(log_sum_exp(masked) == -INFINITY);
  CHECK(log_sum_exp({}) == -INFINITY);
  const std::vector<float> broken = {1, NAN, 2};
  CHECK(std::isnan(log_sum_exp(broken)));
  std::vector<float> constrained(3000, -INFINITY);  // whole chunks without a chance
  constrained[2500] = 3;
  CHECK(log_sum_exp(constrained) == doctest::Approx(3));
}

TEST_CASE("a target outside the vocabulary is named with its index") {
  Context context = context_of_garbage();
  const Tensor logits = random_tensor(context, 2, 5, 1);
  const std::vector<std::int32_t> targets = {0, 5}, negative = {-1, 0}, few = {1};
  CHECK(error_of(Code::invalid_argument, [&] { cross_entropy(context, logits, targets); }) ==
        "target 5 at index 1 is outside the vocabulary of 5 tokens");
  error_of(Code::invalid_argument, [&] { cross_entropy(context, logits, negative); });
  error_of(Code::internal, [&] { cross_entropy(context, logits, few); });
}

}  // namespace loquor::tests
