// What stands behind a Sampler: how an id is chosen from scores that were processed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/generation/truncation.h"
#include "loquor/sampler.hpp"

namespace loquor {

class Sampler::Impl {
 public:
  /// Throws Error(invalid_argument) for options out of range.
  explicit Impl(const GenerateOptions& options);

  /// The most likely id of scores (V), or the one that is drawn: a function of seed, sequence and
  /// step. Throws Error(invalid_argument) where no score is finite.
  std::int32_t choose(std::span<const float> scores, std::uint64_t sequence, std::uint64_t step);
  /// The probabilities (V) that choose() draws by; of one id alone where it does not draw.
  std::vector<float> probabilities(std::span<const float> scores);
  /// What choose() goes by: scores (V) after temperature and truncation, minus infinity where
  /// excluded; `least` ids are kept.
  std::vector<float> warped(std::span<const float> scores, std::size_t least = 1);

  GenerateOptions options;
  bool samples = false;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;     // draws so far
  std::vector<float> scores;  // memory kept between steps
  Candidates candidates;
};

/// The index that `drawn`, from [0, 1), picks of weights that sum to 1, or about so.
template <class Weights, class Weight>
std::size_t pick(const Weights& weights, double drawn, Weight&& weight) {
  double sum = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double one = weight(weights[i]);
    if (one <= 0) continue;
    sum += one;
    last = i;
    if (drawn < sum) break;
  }
  return last;
}

}  // namespace loquor
