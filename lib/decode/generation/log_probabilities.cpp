#include "decode/generation/log_probabilities.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "kernels/table.h"

namespace loquor {

namespace {

// What is taken from each score to get its log-probability: log of the sum of exp(scores).
float log_sum(std::span<const float> scores) {
  std::vector<float> probabilities(scores.begin(), scores.end());
  kernels().softmax(probabilities.data(), probabilities.data(), 1,
                    static_cast<std::int64_t>(probabilities.size()));
  const auto most = std::max_element(scores.begin(), scores.end()) - scores.begin();
  return scores[static_cast<std::size_t>(most)] -
         std::log(probabilities[static_cast<std::size_t>(most)]);
}

}  // namespace

void log_softmax(std::span<float> scores) {
  if (scores.empty()) return;
  const float sum = log_sum(scores);
  for (float& score : scores) score -= sum;
}

Logprobs log_probabilities_of(std::span<const float> scores, std::int32_t chosen,
                              std::int64_t top) {
  const float sum = log_sum(scores);
  const auto logprob = [&](std::int32_t id) { return scores[static_cast<std::size_t>(id)] - sum; };
  Logprobs out{{chosen, logprob(chosen)}, {}};
  if (top == 0) return out;
  std::vector<std::int32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const auto count = std::min<std::ptrdiff_t>(top, static_cast<std::ptrdiff_t>(order.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](std::int32_t a, std::int32_t b) {
                      const float la = scores[static_cast<std::size_t>(a)],
                                  lb = scores[static_cast<std::size_t>(b)];
                      return la != lb ? la > lb : a < b;
                    });
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const std::int32_t id = order[static_cast<std::size_t>(i)];
    out.top.push_back({id, logprob(id)});
  }
  return out;
}

}  // namespace loquor
