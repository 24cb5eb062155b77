// A mixture of experts: gated feed-forward layers of which each row sees a few (Fedus et al. 2021,
// https://arxiv.org/abs/2101.03961).
#pragma once

#include <span>

#include "ops/activation.h"
#include "ops/parameter.h"
#include "ops/router.h"
#include "ops/tensor.h"

namespace loquor {

/// out(activation(gate) * up), where [gate | up] = in(x).
struct Expert {
  Weight in;   // (2F, C)
  Weight out;  // (C, F)
};

/// The sum of a row's experts times their weights, in ascending order, so that its bits depend on
/// no other row. x: (N, C) -> (N, C)
Tensor mixture(Context& context, const Tensor& x, const Routes& routes,
               std::span<const Expert> experts, Activation activation);

struct MixtureGradients {
  Tensor x;        // (N, C)
  Tensor weights;  // (N, k), for route_backward()
};

/// Where the gradients of an expert's plain weights are added to; nullptr where not wanted.
struct ExpertGradients {
  float* in = nullptr;   // (2F, C)
  float* out = nullptr;  // (C, F)
};

/// Experts are computed again, so that nothing but x and routes is kept for it. y_gradient: (N, C);
/// expert_gradients: one an expert, or none
MixtureGradients mixture_backward(Context& context, const Tensor& x, const Routes& routes,
                                  std::span<const Expert> experts, Activation activation,
                                  const Tensor& y_gradient,
                                  std::span<const ExpertGradients> expert_gradients);

}  // namespace loquor
