#include "ops/router.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

/// The weights of experts chosen before, (N, k).
Matrix weights_of(const Matrix& logits, const Routes& routes, const Routing& routing) {
  const Matrix scores = routing.score == RouterScore::softmax
                            ? reference::softmax<double>(logits)
                            : Matrix(logits.unaryExpr(&reference::sigmoid<double>));
  Matrix weights(logits.rows(), routing.chosen);
  for (Eigen::Index n = 0; n < weights.rows(); ++n) {
    for (Eigen::Index i = 0; i < weights.cols(); ++i) {
      weights(n, i) = scores(n, routes.experts[static_cast<std::size_t>(n * routing.chosen + i)]);
    }
    if (routing.normalize) weights.row(n) /= weights.row(n).sum();
  }
  return weights * static_cast<double>(routing.scale);
}

Tensor row_of(Context& context, std::vector<float> values) {
  Tensor x = context.take(1, std::ssize(values));
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

using Experts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("weights of experts agree with the reference, their gradients with numeric differences") {
  Context context = context_of_garbage();
  for (const RouterScore score : {RouterScore::softmax, RouterScore::sigmoid}) {
    for (const bool normalize : {false, true}) {
      CAPTURE(static_cast<int>(score));
      CAPTURE(normalize);
      const Routing routing{.experts = 11,
                            .chosen = 3,
                            .score = score,
                            .normalize = normalize,
                            .scale = normalize ? 2.5F : 1.0F};
      for (const std::int64_t rows : {0, 1, 6}) {
        const Tensor logits = random_tensor(context, rows, 11, 1, 2);
        const Tensor dw = random_tensor(context, rows, 3, 2);
        const Routes routes = route(context, logits, routing);
        const auto forward = [&](const Matrix& v) { return weights_of(v, routes, routing); };
        CHECK(difference(routes.weights, forward(matrix(logits))) < 1e-6);
        CHECK(difference(route_backward(context, routes, routing, dw),
                         numeric_gradient(matrix(logits), matrix(dw), forward)) < 1e-5);
      }
    }
  }
}

TEST_CASE("a row takes its highest experts, in ascending order, the first of equal ones") {
  Context context = context_of_garbage();
  const Routing routing{.experts = 5, .chosen = 2};
  CHECK(route(context, row_of(context, {1, 5, 2, 4, 3}), routing).experts == Experts{1, 3});
  CHECK(route(context, row_of(context, {2, 1, 2, 2, 2}), routing).experts == Experts{0, 2});
  CHECK(route(context, row_of(context, {NAN, NAN, NAN, NAN, NAN}), routing).experts ==
        Experts{0, 1});
}

TEST_CASE("a bias changes the choice and not the weights") {
  Context context = context_of_garbage();
  const Routing routing{.experts = 3, .chosen = 1, .score = RouterScore::sigmoid};
  const float biases[] = {0, 0, 9};
  const Vector bias = Vector::copy(context.runtime, biases, "test");
  const Routes routes = route(context, row_of(context, {3, 1, 0}), routing, bias);
  CHECK(routes.experts == Experts{2});
  CHECK(routes.weights.data()[0] == doctest::Approx(0.5));
}

TEST_CASE("only experts of the groups with the highest two are chosen") {
  Context context = context_of_garbage();
  const Routing routing{
      .experts = 9, .chosen = 3, .score = RouterScore::sigmoid, .groups = 3, .chosen_groups = 1};
  // The highest of all is in the first group, the highest two of one group are in the last.
  const Tensor logits = row_of(context, {4, -9, -9, 1, 1, 1, 2, -8, 3});
  CHECK(route(context, logits, routing).experts == Experts{6, 7, 8});
}

TEST_CASE("a router names what does not fit") {
  Context context = context_of_garbage();
  const Tensor logits = random_tensor(context, 2, 8, 1);
  const auto message = [&](const Routing& routing) {
    return error_of(Code::internal, [&] { route(context, logits, routing); });
  };
  CHECK(message({.experts = 8, .chosen = 5, .groups = 4, .chosen_groups = 2}) ==
        "route: 5 of 8 experts, in 2 of 4 groups");
  message({.experts = 8, .chosen = 1, .groups = 3});
  message({.experts = 8, .chosen = 1, .groups = 8, .chosen_groups = 2});
  message({.experts = 8, .chosen = 0});
  message({.experts = 0, .chosen = 0});
  CHECK(message({.experts = 7, .chosen = 2}) == "route: logits has shape (2, 8), expected (2, 7)");
}

}  // namespace loquor::tests
