// What stands behind a Sampler, in the two steps that a Generation needs apart: what the model
// thinks, and what is drawn.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "loquor/output.hpp"
#include "loquor/sampler.hpp"

namespace loquor {

class Sampler::Impl {
 public:
  struct Candidate {
    std::int32_t id;
    float logit;
    double probability;
  };

  explicit Impl(const GenerateOptions& options);

  /// Logits after bias, penalties and min_new_tokens: out (V). Throws where none is finite.
  void process(std::span<const float> logits, std::span<const std::int32_t> history,
               std::int64_t prompt_length, std::vector<float>& out) const;
  /// The most likely id, or one drawn from what temperature and truncation leave.
  std::int32_t choose(std::span<const float> processed);
  /// The ids that may be drawn, ascending, with their probabilities.
  void truncate(std::span<const float> processed, std::vector<Candidate>& candidates) const;

  GenerateOptions options;
  bool samples = false;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;               // draws so far
  std::vector<float> processed_logits;  // memory kept between steps
  std::vector<Candidate> kept;

 private:
  void penalise(std::span<const std::int32_t> history, std::int64_t prompt_length,
                std::vector<float>& logits) const;
};

/// Log-probabilities under process()'s logits, of the chosen id and of the `top` most likely.
Logprobs log_probabilities_of(std::span<const float> processed, std::int32_t chosen,
                              std::int64_t top);

}  // namespace loquor
