// Output: what a generation gives, in whole or piece by piece.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/api.hpp"

namespace LOQUOR_API loquor {

enum class FinishReason : std::int32_t {
  none = 0,       ///< Not finished yet.
  eos = 1,        ///< The model ended the text.
  stop = 2,       ///< A stop string was reached.
  length = 3,     ///< max_new_tokens was reached.
  context = 4,    ///< The context is full.
  time = 5,       ///< max_time was reached.
  cancelled = 6,  ///< A Cancel handle was used.
};

/// "eos", "stop", ... as Python and JSON show it.
LOQUOR_API std::string_view name(FinishReason reason) noexcept;

struct TokenLogprob {
  std::int32_t id = 0;
  float logprob = 0;
};

/// The log-probability of a chosen token and of the most likely ones, after penalties and before
/// temperature and truncation.
struct Logprobs {
  TokenLogprob chosen;
  std::vector<TokenLogprob> top;  ///< In falling order.
};

struct Timings {
  std::int64_t prompt_tokens = 0;  ///< Read in this call.
  std::int64_t cached_tokens = 0;  ///< Already in the session.
  double prompt_seconds = 0;
  std::int64_t generated_tokens = 0;  ///< Of all draws together; of beams, steps.
  double generate_seconds = 0;
};

/// One step of a stream: text that is settled (whole characters, maybe empty while a stop string is
/// pending) and its ids. Of several draws it is the first; of beams, what all that can still win
/// have in common.
struct Piece {
  std::string text;
  std::vector<std::int32_t> ids;
  std::vector<Logprobs> logprobs;  ///< One an id, where asked for.
};

/// Logits of several positions: values (rows, vocabulary), row-major.
struct Logits {
  std::int64_t rows = 0;
  std::int64_t vocabulary = 0;
  std::vector<float> values{};
  std::span<const float> row(std::int64_t index) const {
    return std::span(values).subspan(static_cast<std::size_t>(index * vocabulary),
                                     static_cast<std::size_t>(vocabulary));
  }
};

/// One continuation of a prompt.
struct Sequence {
  std::string text;
  std::vector<std::int32_t> ids;  ///< Generated ids, an end-of-text id included.
  /// Sum of the log-probabilities of the ids as drawn; of a beam, divided by length^length_penalty.
  double score = 0;
  FinishReason finish_reason = FinishReason::none;
  std::vector<Logprobs> logprobs;
  /// With output_scores, for each id what it was chosen by, (ids, V): logits after the processors,
  /// temperature and truncation; of a beam, log-probabilities after the same.
  Logits scores;
};

/// The best sequence, or the first of those that were drawn; and all of them.
struct Output : Sequence {
  Timings timings;
  std::uint64_t seed = 0;          ///< Gives the same output again.
  std::int64_t dropped_turns = 0;  ///< Turns that a chat left out to fit the context.
  /// At the end num_return_sequences of them: beams best first (fewer where the options leave no
  /// more), draws in their order.
  std::vector<Sequence> sequences;
};

}  // namespace loquor
