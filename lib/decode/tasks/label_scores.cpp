#include "decode/tasks/label_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loquor {

std::vector<double> softmax(std::span<const float> logits) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  double sum = 0;
  for (const float logit : logits) {
    result.push_back(std::exp(static_cast<double>(logit) - most));
    sum += result.back();
  }
  for (double& value : result) value /= sum;
  return result;
}

double sigmoid(double logit) noexcept { return 1 / (1 + std::exp(-logit)); }

std::vector<double> apply_function(std::string_view function, std::span<const float> logits) {
  if (function == "softmax") return softmax(logits);
  std::vector<double> result(logits.begin(), logits.end());
  if (function == "sigmoid") std::transform(result.begin(), result.end(), result.begin(), sigmoid);
  return result;
}

std::vector<std::size_t> best(std::span<const double> scores, std::int64_t top_k) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t count =
      top_k == 0 ? order.size() : std::min(order.size(), static_cast<std::size_t>(top_k));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
                    });
  order.resize(count);
  return order;
}

std::vector<LabelScore> best_labels(const std::vector<std::string>& labels,
                                    std::span<const double> scores, std::int64_t top_k) {
  std::vector<LabelScore> result;
  for (const std::size_t i : best(scores, top_k)) result.push_back({labels[i], scores[i]});
  return result;
}

}  // namespace loquor
