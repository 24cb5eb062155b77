// Sampler: logits to a token id.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/options.hpp"

namespace LOQUOR_API loquor {

/// Applies, in the order of transformers' processors: biases, penalties, n-grams, banned words,
/// least lengths, allowed, forced and suppressed tokens, temperature, top_k, top_p, min_p,
/// typical_p; then takes the most likely id (greedy) or draws one. The prompt of `history` stands
/// for the encoder's input. Equal seeds draw equal ids. One thread at a time.
class Sampler {
 public:
  /// Throws Error(invalid_argument) naming an option out of its range.
  explicit Sampler(const GenerateOptions& options = {});
  Sampler(Sampler&&) noexcept;
  Sampler& operator=(Sampler&&) noexcept;
  ~Sampler();

  /// The next id for logits (V), after `history` (prompt and output ids), of which the first
  /// prompt_length are prompt. Throws Error(invalid_argument) where no finite logit is left.
  std::int32_t sample(std::span<const float> logits, std::span<const std::int32_t> history = {},
                      std::int64_t prompt_length = 0);
  /// The distribution that sample() draws from, (V).
  std::vector<float> probabilities(std::span<const float> logits,
                                   std::span<const std::int32_t> history = {},
                                   std::int64_t prompt_length = 0) const;
  std::uint64_t seed() const noexcept;

  class LOQUOR_HIDDEN Impl;
  Impl& impl() const noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace loquor
