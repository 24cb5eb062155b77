// Scores of labels: what becomes of a head's outputs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/tasks.hpp"

namespace loquor {

std::vector<double> softmax(std::span<const float> logits);
double sigmoid(double logit) noexcept;
/// "softmax", "sigmoid" or "none".
std::vector<double> apply_function(std::string_view function, std::span<const float> logits);

/// The labels with the highest scores, the highest first and equal ones in order; all for top_k 0.
std::vector<LabelScore> best_labels(const std::vector<std::string>& labels,
                                    std::span<const double> scores, std::int64_t top_k);
/// The places of the highest values, likewise.
std::vector<std::size_t> best(std::span<const double> scores, std::int64_t top_k);

}  // namespace loquor
