#include "decode/generation/logits_processors.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "decode/generation/log_probabilities.h"

namespace loquor {

namespace {

constexpr float kExcluded = -std::numeric_limits<float>::infinity();

using Ids = std::span<const std::int32_t>;

float& at(ScoreRow& row, std::int32_t id) { return row.scores[static_cast<std::size_t>(id)]; }

void exclude(ScoreRow& row, Ids ids) {
  for (const std::int32_t id : ids) {
    if (id >= 0 && static_cast<std::size_t>(id) < row.scores.size()) at(row, id) = kExcluded;
  }
}

// Leaves these ids alone, each with a score of 0.
void force(ScoreRow& row, Ids ids) {
  std::ranges::fill(row.scores, kExcluded);
  for (const std::int32_t id : ids) at(row, id) = 0;
}

// Whether the row's ids end with all of `sequence` but its last id.
bool is_about_to_complete(const ScoreRow& row, Ids sequence) {
  const Ids prefix = sequence.first(sequence.size() - 1);
  return prefix.size() <= row.ids.size() && std::ranges::equal(prefix, row.ids.last(prefix.size()));
}

void add_biases(const GenerateOptions& options, ScoreRow& row) {
  for (const auto& [id, bias] : options.logit_bias) at(row, id) += static_cast<float>(bias);
  for (const auto& [sequence, bias] : options.sequence_bias) {
    if (is_about_to_complete(row, sequence)) at(row, sequence.back()) += static_cast<float>(bias);
  }
}

void penalise(const GenerateOptions& options, const PromptFacts& prompt, ScoreRow& row) {
  const auto repetition = static_cast<float>(options.repetition_penalty.value_or(1));
  const double frequency = options.frequency_penalty.value_or(0),
               presence = options.presence_penalty.value_or(0);
  if (repetition == 1 && frequency == 0 && presence == 0) return;
  std::map<std::int32_t, std::int64_t> seen;  // occurrences in the output; 0: in the prompt only
  for (std::size_t i = 0; i < row.ids.size(); ++i)
    seen[row.ids[i]] += static_cast<std::int64_t>(i) >= prompt.length ? 1 : 0;
  for (const auto& [id, count] : seen) {
    float& score = at(row, id);
    if (repetition != 1) score = score < 0 ? score * repetition : score / repetition;
    if (count > 0) score -= static_cast<float>(frequency * static_cast<double>(count) + presence);
  }
}

// Excludes what would complete a run of n ids that `source` has.
void exclude_ngrams(ScoreRow& row, Ids source, std::int64_t n) {
  if (n <= 0) return;
  const auto size = static_cast<std::size_t>(n);
  for (std::size_t i = 0; i + size <= source.size(); ++i) {
    const Ids ngram = source.subspan(i, size);
    if (is_about_to_complete(row, ngram)) exclude(row, ngram.last(1));
  }
}

// A word of one id that ends the text is no bad word.
void exclude_bad_words(const GenerateOptions& options, ScoreRow& row) {
  const auto ends_text = [&](std::int32_t id) {
    return options.eos_token_id && std::ranges::count(*options.eos_token_id, id) != 0;
  };
  for (const auto& word : options.bad_words_ids) {
    if (word.size() == 1 && ends_text(word[0])) continue;
    if (is_about_to_complete(row, word)) exclude(row, Ids(word).last(1));
  }
}

void keep_going(const GenerateOptions& options, const PromptFacts& prompt, ScoreRow& row) {
  const auto length = static_cast<std::int64_t>(row.ids.size());
  if (options.eos_token_id && (length < options.min_length.value_or(0) ||
                               length - prompt.length < options.min_new_tokens.value_or(0)))
    exclude(row, *options.eos_token_id);
}

void require_allowed(Ids allowed, std::int64_t vocabulary) {
  if (allowed.empty())
    fail(Code::invalid_argument, "no token was allowed to follow, expected at least one");
  for (const std::int32_t id : allowed) {
    if (id < 0 || id >= vocabulary) {
      fail(Code::invalid_argument, "token id ", id,
           " was allowed to follow, and the vocabulary has ", vocabulary, " tokens");
    }
  }
}

void keep_allowed(ScoreRow& row) {
  std::vector<float> kept(row.scores.size(), kExcluded);
  for (const std::int32_t id : *row.allowed) kept[static_cast<std::size_t>(id)] = at(row, id);
  std::ranges::copy(kept, row.scores.begin());
}

bool is_hopeless(const ScoreRow& row) {
  return std::ranges::all_of(row.scores, [](float score) { return score == kExcluded; });
}

// Where what is allowed was excluded before, in every row, the constraint wins.
void constrain(const GenerateOptions& options, std::span<ScoreRow> rows) {
  bool hopeless = true;
  for (ScoreRow& row : rows) {
    if (!row.allowed && options.prefix_allowed_tokens)
      row.allowed = options.prefix_allowed_tokens(row.ids);
    if (row.allowed) {
      require_allowed(*row.allowed, static_cast<std::int64_t>(row.scores.size()));
      keep_allowed(row);
    }
    hopeless = hopeless && row.allowed && is_hopeless(row);
  }
  if (!hopeless) return;
  for (ScoreRow& row : rows) force(row, *row.allowed);
}

void force_ends(const GenerateOptions& options, const PromptFacts& prompt, ScoreRow& row) {
  const auto length = static_cast<std::int64_t>(row.ids.size());
  if (options.forced_bos_token_id && length == 1) {
    const auto id = static_cast<std::int32_t>(*options.forced_bos_token_id);
    force(row, Ids(&id, 1));
  }
  if (options.forced_eos_token_id && length == prompt.max_length - 1)
    force(row, *options.forced_eos_token_id);
}

void suppress(const GenerateOptions& options, const PromptFacts& prompt, ScoreRow& row) {
  if (options.suppress_tokens) exclude(row, *options.suppress_tokens);
  // After a forced first id, the output begins with the second.
  const bool first_is_forced = options.forced_bos_token_id && prompt.length <= 1;
  const std::int64_t begin = prompt.length + (first_is_forced ? 1 : 0);
  if (options.begin_suppress_tokens && static_cast<std::int64_t>(row.ids.size()) == begin)
    exclude(row, *options.begin_suppress_tokens);
}

}  // namespace

void process_scores(const GenerateOptions& options, const PromptFacts& prompt,
                    std::span<ScoreRow> rows) {
  for (ScoreRow& row : rows) {
    add_biases(options, row);
    penalise(options, prompt, row);
    exclude_ngrams(row, row.ids, options.no_repeat_ngram_size.value_or(0));
    exclude_ngrams(row, prompt.encoder_ids, options.encoder_no_repeat_ngram_size.value_or(0));
    exclude_bad_words(options, row);
    keep_going(options, prompt, row);
  }
  constrain(options, rows);
  for (ScoreRow& row : rows) {
    force_ends(options, prompt, row);
    suppress(options, prompt, row);
    if (options.renormalize_logits.value_or(false)) log_softmax(row.scores);
  }
}

void require_known_ids(const GenerateOptions& options, std::int64_t vocabulary) {
  const auto require = [&](std::string_view option, std::int64_t id) {
    if (id >= 0 && id < vocabulary) return;
    fail(Code::invalid_argument, "option ", option, ": found token id ", id,
         ", and the vocabulary has ", vocabulary, " tokens");
  };
  const auto require_all = [&](std::string_view option, const std::vector<std::int32_t>& ids) {
    for (const std::int32_t id : ids) require(option, id);
  };
  for (const auto& [id, bias] : options.logit_bias) require("logit_bias", id);
  for (const auto& [ids, bias] : options.sequence_bias) require_all("sequence_bias", ids);
  for (const auto& ids : options.bad_words_ids) require_all("bad_words_ids", ids);
  if (options.suppress_tokens) require_all("suppress_tokens", *options.suppress_tokens);
  if (options.begin_suppress_tokens)
    require_all("begin_suppress_tokens", *options.begin_suppress_tokens);
  if (options.decoder_start_token_id)
    require("decoder_start_token_id", *options.decoder_start_token_id);
  if (options.decoder_input_ids) require_all("decoder_input_ids", *options.decoder_input_ids);
  if (options.forced_bos_token_id) require("forced_bos_token_id", *options.forced_bos_token_id);
  if (options.forced_eos_token_id) require_all("forced_eos_token_id", *options.forced_eos_token_id);
}

}  // namespace loquor
