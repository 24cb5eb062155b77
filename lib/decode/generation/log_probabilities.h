// Logits as log-probabilities.
#pragma once

#include <cstdint>
#include <span>

#include "loquor/output.hpp"

namespace loquor {

/// Takes scores (V) to the logarithms of their softmax.
void log_softmax(std::span<float> scores);

/// Log-probabilities under scores (V), of which one is finite: of the chosen id and of the `top`
/// most likely.
Logprobs log_probabilities_of(std::span<const float> scores, std::int32_t chosen, std::int64_t top);

}  // namespace loquor
