// Softmax cross-entropy on logits, and log-probabilities.
#pragma once

#include <cstdint>
#include <span>

#include "ops/tensor.h"

namespace loquor {

constexpr std::int32_t kIgnoredTarget = -100;  // a row that does not count

/// -log softmax(logits)[target] of each row, 0 for kIgnoredTarget. (N, V) -> (N, 1). Another target
/// outside [0, V) fails with Error(invalid_argument).
Tensor cross_entropy(Context& context, const Tensor& logits, std::span<const std::int32_t> targets);

/// The gradient of the logits, in their place where nobody else holds them. loss_gradient: (N, 1)
Tensor cross_entropy_backward(Context& context, Tensor logits,
                              std::span<const std::int32_t> targets, const Tensor& loss_gradient);

/// log(sum(exp(logits))) of one row, with the sum in double; -infinity for an empty or all
/// -infinity row.
double log_sum_exp(std::span<const float> logits);

/// logits - log_sum_exp(logits). out may be the logits themselves.
void log_softmax(std::span<const float> logits, std::span<float> out);

}  // namespace loquor
