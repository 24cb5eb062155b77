// Temperature and truncation: the logits warpers of transformers, in its order.
// https://huggingface.co/docs/transformers/internal/generation_utils
#include "decode/generation/truncation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loquor {

namespace {

bool more_likely(const Candidate& a, const Candidate& b) {
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

// Sets each candidate's probability: softmax over the candidates.
void normalise(Candidates& candidates) {
  float most = -std::numeric_limits<float>::infinity();
  for (const auto& candidate : candidates) most = std::max(most, candidate.score);
  double sum = 0;
  for (auto& candidate : candidates) {
    candidate.probability = std::exp(static_cast<double>(candidate.score - most));
    sum += candidate.probability;
  }
  for (auto& candidate : candidates) candidate.probability /= sum;
}

void keep_top_k(Candidates& candidates, std::int64_t k, std::size_t least) {
  if (k <= 0) return;
  k = std::max(k, static_cast<std::int64_t>(least));
  if (k >= static_cast<std::int64_t>(candidates.size())) return;
  std::nth_element(candidates.begin(), candidates.begin() + k - 1, candidates.end(), more_likely);
  // Ties with the k-th stay, as in transformers.
  const float lowest = candidates[static_cast<std::size_t>(k - 1)].score;
  const auto tied =
      std::partition(candidates.begin() + k, candidates.end(),
                     [&](const auto& candidate) { return candidate.score == lowest; });
  candidates.erase(tied, candidates.end());
}

// Keeps the shortest run of `order`ed candidates whose probabilities reach `mass`, but not fewer
// than `least`. Only as many are sorted as are needed.
template <class Order>
void keep_mass(Candidates& candidates, double mass, std::size_t least, Order order) {
  double sum = 0;
  std::size_t sorted = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == sorted) {
      const std::size_t next = std::min(candidates.size(), std::max<std::size_t>(64, 4 * sorted));
      std::partial_sort(candidates.begin() + static_cast<std::ptrdiff_t>(sorted),
                        candidates.begin() + static_cast<std::ptrdiff_t>(next), candidates.end(),
                        order);
      sorted = next;
    }
    if (i >= least && sum >= mass) {
      candidates.resize(i);
      return;
    }
    sum += candidates[i].probability;
  }
}

void keep_top_p(Candidates& candidates, double p, std::size_t least) {
  if (p >= 1) return;
  normalise(candidates);
  keep_mass(candidates, p, least, more_likely);
}

void keep_min_p(Candidates& candidates, double p, std::size_t least) {
  if (p <= 0 || candidates.size() <= least) return;
  normalise(candidates);
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(least);
  std::partial_sort(candidates.begin(), end, candidates.end(), more_likely);
  const double threshold = p * candidates.front().probability;
  candidates.erase(std::remove_if(end, candidates.end(),
                                  [&](const auto& c) { return c.probability < threshold; }),
                   candidates.end());
}

// Locally typical sampling (Meister et al. 2022, https://arxiv.org/abs/2202.00666): the candidates
// whose information is nearest to the entropy.
void keep_typical(Candidates& candidates, double mass, std::size_t least) {
  if (mass >= 1) return;
  normalise(candidates);
  double entropy = 0;
  for (const auto& candidate : candidates) {
    if (candidate.probability > 0)
      entropy -= candidate.probability * std::log(candidate.probability);
  }
  const auto distance = [&](const auto& candidate) {
    return std::abs(-std::log(candidate.probability) - entropy);
  };
  keep_mass(candidates, mass, least, [&](const auto& a, const auto& b) {
    const double da = distance(a), db = distance(b);
    return da != db ? da < db : a.id < b.id;
  });
}

}  // namespace

void truncate(const GenerateOptions& options, std::span<const float> scores, std::size_t least,
              Candidates& candidates) {
  const auto temperature = static_cast<float>(options.temperature.value_or(1));
  candidates.clear();
  for (std::size_t id = 0; id < scores.size(); ++id) {
    if (std::isfinite(scores[id]))
      candidates.push_back({static_cast<std::int32_t>(id), scores[id] / temperature, 0});
  }
  keep_top_k(candidates, options.top_k.value_or(0), least);
  keep_top_p(candidates, options.top_p.value_or(1), least);
  keep_min_p(candidates, options.min_p.value_or(0), least);
  keep_typical(candidates, options.typical_p.value_or(1), least);
  std::sort(candidates.begin(), candidates.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  normalise(candidates);
  if (!options.renormalize_logits.value_or(false)) return;
  for (auto& candidate : candidates)
    candidate.score = static_cast<float>(std::log(candidate.probability));
}

}  // namespace loquor
