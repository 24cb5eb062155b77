// Guesses at the ids that come next, which speculative decoding then checks in one pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/generation/logits_processors.h"
#include "decode/generation/sampler_impl.h"
#include "loquor/session.hpp"

namespace loquor {

struct Guess {
  std::int32_t id;
  std::vector<float> probabilities;  // (V), which it was drawn by; empty where it was not drawn
};

class Guesser {
 public:
  virtual ~Guesser() = default;
  /// At most `most` ids that may follow `ids`, prompt and output; `step` of these are output.
  virtual std::vector<Guess> guess(std::span<const std::int32_t> ids, std::size_t most,
                                   std::uint64_t step) = 0;
};

/// What followed the last ids where they came before in the text.
/// https://github.com/apoorvumang/prompt-lookup-decoding
class PromptLookup : public Guesser {
 public:
  explicit PromptLookup(const GenerateOptions& options);
  std::vector<Guess> guess(std::span<const std::int32_t> ids, std::size_t most,
                           std::uint64_t step) override;

 private:
  std::size_t count_, longest_match_;
};

/// What a smaller model says, by the same options, having read the same source where it is an
/// encoder-decoder. A copy of the generation's sampler, and its facts, which must outlive it.
class AssistantModel : public Guesser {
 public:
  AssistantModel(const Sampler::Impl& sampler, const PromptFacts& facts, const Cancel& cancel);
  std::vector<Guess> guess(std::span<const std::int32_t> ids, std::size_t most,
                           std::uint64_t step) override;

 private:
  std::vector<float> read(std::span<const std::int32_t> ids);

  Sampler::Impl sampler_;
  const PromptFacts& facts_;
  Session session_;
  std::size_t count_;
};

}  // namespace loquor
