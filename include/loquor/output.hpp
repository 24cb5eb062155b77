// Output: what a generation gives, in whole or piece by piece.
#pragma once

#include <cstdint>
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
std::string_view name(FinishReason reason) noexcept;

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
  std::int64_t generated_tokens = 0;
  double generate_seconds = 0;
};

/// One step of a stream: text that is settled (whole characters, maybe empty while a stop string is
/// pending) and its ids.
struct Piece {
  std::string text;
  std::vector<std::int32_t> ids;
  std::vector<Logprobs> logprobs;  ///< One an id, where asked for.
};

struct Output {
  std::string text;
  std::vector<std::int32_t> ids;  ///< Generated ids, an end-of-text id included.
  double score = 0;               ///< Sum of the log-probabilities of the ids as drawn.
  FinishReason finish_reason = FinishReason::none;
  Timings timings;
  std::uint64_t seed = 0;  ///< Gives the same output again.
  std::vector<Logprobs> logprobs;
  std::int64_t dropped_turns = 0;  ///< Turns that a chat left out to fit the context.
};

}  // namespace loquor
