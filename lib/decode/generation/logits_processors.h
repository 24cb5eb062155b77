// What options do to logits before an id is chosen: the logits processors of transformers, in its
// order. https://huggingface.co/docs/transformers/internal/generation_utils
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "loquor/options.hpp"

namespace loquor {

/// What sequences that are generated from one prompt have in common.
struct PromptFacts {
  std::int64_t length = 0;  ///< Ids of the prompt, which each sequence begins with.
  std::span<const std::int32_t> encoder_ids;  ///< What the encoder read; of a decoder, the prompt.
  std::int64_t max_length =
      std::numeric_limits<std::int64_t>::max();  ///< Ids of prompt and output at most.
};

/// The next id's scores of one sequence: logits, or log-probabilities where it is a beam.
struct ScoreRow {
  std::span<float> scores;            ///< (V)
  std::span<const std::int32_t> ids;  ///< Prompt and output so far, each less than V.
  /// The ids that may follow; where not set, what options.prefix_allowed_tokens says.
  std::optional<std::vector<std::int32_t>> allowed{};
};

/// sequence_bias and logit_bias, repetition, frequency and presence penalties, n-grams, banned
/// words, least lengths, allowed tokens, forced and suppressed tokens: in this order; at last, with
/// renormalize_logits, the logarithms of what are probabilities again.
/// Throws Error(invalid_argument) where allowed tokens are none or out of range.
void process_scores(const GenerateOptions& options, const PromptFacts& prompt,
                    std::span<ScoreRow> rows);

/// Throws Error(invalid_argument), naming the option, for an id that the vocabulary does not have.
/// eos_token_id may have such ids: models' files do.
void require_known_ids(const GenerateOptions& options, std::int64_t vocabulary);

}  // namespace loquor
