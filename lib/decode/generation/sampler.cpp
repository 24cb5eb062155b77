#include "loquor/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/random.h"
#include "decode/generation/generation_defaults.h"
#include "decode/generation/logits_processors.h"
#include "decode/generation/sampler_impl.h"
#include "decode/options/options.h"

namespace loquor {

namespace {

void require_finite(std::span<const float> scores) {
  if (std::ranges::none_of(scores, [](float score) { return std::isfinite(score); }))
    fail(Code::invalid_argument, "no finite logit is left to choose from among ", scores.size());
}

std::int32_t most_likely(std::span<const float> scores) {
  return static_cast<std::int32_t>(std::ranges::max_element(scores) - scores.begin());
}

// `logits` after the processors, into `scores`.
void process(const GenerateOptions& options, std::span<const float> logits,
             std::span<const std::int32_t> history, std::int64_t prompt_length,
             std::vector<float>& scores) {
  const auto vocabulary = static_cast<std::int64_t>(logits.size());
  require_known_ids(options, vocabulary);
  for (const std::int32_t id : history) {
    if (id < 0 || id >= vocabulary) {
      fail(Code::invalid_argument, "history has token id ", id, ", and there are ", vocabulary,
           " logits");
    }
  }
  const auto length =
      std::clamp<std::int64_t>(prompt_length, 0, static_cast<std::int64_t>(history.size()));
  PromptFacts facts{.length = length,
                    .encoder_ids = history.first(static_cast<std::size_t>(length))};
  if (options.max_new_tokens && *options.max_new_tokens < facts.max_length - length)
    facts.max_length = length + *options.max_new_tokens;
  scores.assign(logits.begin(), logits.end());
  ScoreRow row{scores, history};
  process_scores(options, facts, std::span(&row, 1));
}

}  // namespace

Sampler::Impl::Impl(const GenerateOptions& given) : options(given) {
  validate(options);
  samples = loquor::samples(options) && options.temperature.value_or(1) > 0;
  // A drawn seed has 53 bits: doubles, and with them every JSON reader, hold it exactly.
  seed = options.seed ? *options.seed : entropy_seed() >> 11;
}

std::int32_t Sampler::Impl::choose(std::span<const float> given, std::uint64_t sequence,
                                   std::uint64_t at_step) {
  require_finite(given);
  if (!samples) return most_likely(given);
  truncate(options, given, 1, candidates);
  return candidates[pick(candidates, uniform(seed, sequence, at_step),
                         [](const Candidate& candidate) { return candidate.probability; })]
      .id;
}

std::vector<float> Sampler::Impl::probabilities(std::span<const float> given) {
  require_finite(given);
  std::vector<float> out(given.size());
  if (!samples) {
    out[static_cast<std::size_t>(most_likely(given))] = 1;
    return out;
  }
  truncate(options, given, 1, candidates);
  for (const Candidate& candidate : candidates)
    out[static_cast<std::size_t>(candidate.id)] = static_cast<float>(candidate.probability);
  return out;
}

std::vector<float> Sampler::Impl::warped(std::span<const float> given, std::size_t least) {
  if (!samples) return {given.begin(), given.end()};
  truncate(options, given, least, candidates);
  std::vector<float> out(given.size(), -std::numeric_limits<float>::infinity());
  for (const Candidate& candidate : candidates)
    out[static_cast<std::size_t>(candidate.id)] = candidate.score;
  return out;
}

Sampler::Sampler(const GenerateOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler& Sampler::operator=(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

std::int32_t Sampler::sample(std::span<const float> logits, std::span<const std::int32_t> history,
                             std::int64_t prompt_length) {
  process(impl_->options, logits, history, prompt_length, impl_->scores);
  const std::int32_t id = impl_->choose(impl_->scores, 0, impl_->step);
  if (impl_->samples) ++impl_->step;
  return id;
}

std::vector<float> Sampler::probabilities(std::span<const float> logits,
                                          std::span<const std::int32_t> history,
                                          std::int64_t prompt_length) const {
  std::vector<float> scores;
  process(impl_->options, logits, history, prompt_length, scores);
  return impl_->probabilities(scores);
}

std::uint64_t Sampler::seed() const noexcept { return impl_->seed; }

}  // namespace loquor
