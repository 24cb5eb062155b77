// Which experts see a row, and how much each counts (Shazeer et al. 2017,
// https://arxiv.org/abs/1701.06538).
#pragma once

#include <cstdint>
#include <vector>

#include "ops/parameter.h"
#include "ops/tensor.h"

namespace loquor {

enum class RouterScore { softmax, sigmoid };

/// Each row takes the k experts of the highest scores, the first of equal ones (torch.topk leaves
/// open which). Their weights are their scores.
struct Routing {
  std::int64_t experts = 0;  // E
  std::int64_t chosen = 0;   // k
  RouterScore score = RouterScore::softmax;
  bool normalize = false;  // weights are divided by their sum; of a softmax, that is the softmax
                           // over the chosen alone
  float scale = 1;         // of the weights, at last
  // Experts in `groups` equal parts, of which only `chosen_groups` count: those of the highest sums
  // of two scores (DeepSeek-AI 2024, https://arxiv.org/abs/2412.19437).
  std::int64_t groups = 1;
  std::int64_t chosen_groups = 1;
};

struct Routes {
  std::int64_t chosen = 0;            // k
  std::vector<std::int64_t> experts;  // (N, k), each row ascending
  Tensor weights;                     // (N, k)
  Tensor scores;                      // (N, E), for the backward
};

/// logits: (N, E), the rows times the router's matrix; choice_bias: (E), added to the scores where
/// experts are chosen, but not where they are weighted; or empty
Routes route(Context& context, const Tensor& logits, const Routing& routing,
             const Vector& choice_bias = {});

/// Returns the gradient of the logits; the choice has none. weights_gradient: (N, k)
Tensor route_backward(Context& context, const Routes& routes, const Routing& routing,
                      const Tensor& weights_gradient);

}  // namespace loquor
