#include "ops/mixture.h"

#include <algorithm>
#include <vector>

#include "ops/check.h"
#include "ops/gather.h"
#include "ops/linear.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

/// The rows that see one expert, and which of their choices it is.
struct Visitors {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> choices;
  std::int64_t count() const { return static_cast<std::int64_t>(rows.size()); }
  float weight(const Routes& routes, std::int64_t i) const {
    const auto at = static_cast<std::size_t>(i);
    return routes.weights.row(rows[at])[choices[at]];
  }
};

std::vector<Visitors> visitors_of(std::string_view op, const Tensor& x, const Routes& routes,
                                  std::size_t experts) {
  expect_shape(op, "weights", routes.weights, x.rows(), routes.chosen);
  expect_size(op, "choices", static_cast<std::int64_t>(routes.experts.size()),
              x.rows() * routes.chosen);
  std::vector<Visitors> visitors(experts);
  for (std::size_t i = 0; i < routes.experts.size(); ++i) {
    const auto expert = static_cast<std::size_t>(routes.experts[i]);
    if (expert >= experts) fail(Code::internal, op, ": expert ", expert, " of ", experts);
    visitors[expert].rows.push_back(static_cast<std::int64_t>(i) / routes.chosen);
    visitors[expert].choices.push_back(static_cast<std::int64_t>(i) % routes.chosen);
  }
  return visitors;
}

/// y's rows of the visitors += factor(i) times the rows of x.
template <class Factor>
void add_to_rows(Context& context, const Tensor& x, const Visitors& visitors, Tensor& y,
                 Factor&& factor) {
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float scale = factor(i);
      float* sum = y.row(visitors.rows[static_cast<std::size_t>(i)]);
      for (std::int64_t c = 0; c < x.columns(); ++c) sum[c] += scale * x.row(i)[c];
    }
  });
}

Tensor zeros(Context& context, std::int64_t rows, std::int64_t columns) {
  Tensor tensor = context.take(rows, columns);
  std::fill_n(tensor.data(), tensor.size(), 0.0F);
  return tensor;
}

}  // namespace

Tensor mixture(Context& context, const Tensor& x, const Routes& routes,
               std::span<const Expert> experts, Activation activation) {
  const auto visitors = visitors_of("mixture", x, routes, experts.size());
  Tensor y = zeros(context, x.rows(), x.columns());
  for (std::size_t e = 0; e < experts.size(); ++e) {
    const Visitors& own = visitors[e];
    if (own.count() == 0) continue;
    const Tensor hidden = linear(context, gather_rows(context, x, own.rows), experts[e].in);
    const Tensor result =
        linear(context, gated_activation(context, hidden, activation), experts[e].out);
    add_to_rows(context, result, own, y, [&](std::int64_t i) { return own.weight(routes, i); });
  }
  return y;
}

MixtureGradients mixture_backward(Context& context, const Tensor& x, const Routes& routes,
                                  std::span<const Expert> experts, Activation activation,
                                  const Tensor& y_gradient,
                                  std::span<const ExpertGradients> expert_gradients) {
  constexpr std::string_view kOp = "mixture_backward";
  const auto visitors = visitors_of(kOp, x, routes, experts.size());
  expect_shape(kOp, "y_gradient", y_gradient, x.rows(), x.columns());
  if (!expert_gradients.empty()) {
    expect_size(kOp, "expert_gradients", std::ssize(expert_gradients), std::ssize(experts));
  }
  MixtureGradients gradients{zeros(context, x.rows(), x.columns()),
                             context.take(x.rows(), routes.chosen)};
  for (std::size_t e = 0; e < experts.size(); ++e) {
    const Visitors& own = visitors[e];
    if (own.count() == 0) continue;
    const auto& [in, out] = experts[e];
    const ExpertGradients wanted =
        expert_gradients.empty() ? ExpertGradients{} : expert_gradients[e];
    const Tensor seen = gather_rows(context, x, own.rows);
    const Tensor hidden = linear(context, seen, in);
    const Tensor gated = gated_activation(context, hidden, activation);
    const Tensor result = linear(context, gated, out);

    Tensor d_result = gather_rows(context, y_gradient, own.rows);
    for (std::int64_t i = 0; i < own.count(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const float weight = own.weight(routes, i);
      double along = 0;
      for (std::int64_t c = 0; c < x.columns(); ++c) {
        along += static_cast<double>(d_result.row(i)[c]) * result.row(i)[c];
        d_result.row(i)[c] *= weight;
      }
      gradients.weights.row(own.rows[at])[own.choices[at]] = static_cast<float>(along);
    }
    const Tensor d_gated = linear_backward(context, gated, out, d_result, wanted.out, nullptr);
    const Tensor d_hidden = gated_activation_backward(context, hidden, activation, d_gated);
    add_to_rows(context, linear_backward(context, seen, in, d_hidden, wanted.in, nullptr), own,
                gradients.x, [](std::int64_t) { return 1.0F; });
  }
  return gradients;
}

}  // namespace loquor
