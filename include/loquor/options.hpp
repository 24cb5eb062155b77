// Options of every call, under Hugging Face's names. A member that is not set takes the model's own
// default (generation_config.json, then the model), then ours, stated here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "loquor/api.hpp"
#include "loquor/runtime.hpp"

namespace LOQUOR_API loquor {

class Model;

/// Given the ids so far, prompt and output, the ids that may follow: at least one.
using PrefixAllowedTokens =
    std::function<std::vector<std::int32_t>(std::span<const std::int32_t> ids)>;

struct ModelOptions {
  std::string compute_type = "auto";  ///< "f32", "bf16", or "auto": bf16 where the file stores 16
                                      ///< bits or less and the machine multiplies them.
  std::string cache_type =
      "auto";  ///< Of keys and values: "f32", "bf16", or "auto": as the compute type.
  std::vector<std::string> ignore_config_keys{};  ///< Keys of config.json that may be unknown.
  std::optional<Runtime> runtime{};               ///< The default one where not set.
  std::optional<Cancel> cancel{};                 ///< Ends the load.
};

struct SessionOptions {
  std::int64_t context_length = 0;  ///< Positions at most. 0: the model's.
  std::optional<Cancel>
      cancel{};  ///< Ends a call on the session; the session stays as it was before that call.
};

struct GenerateOptions {
  std::optional<std::int64_t> max_new_tokens{};  ///< Ours: up to the end of the context.
  std::optional<std::int64_t>
      max_length{};  ///< Prompt (of an encoder-decoder: decoder ids) and output together.
  std::optional<std::int64_t> min_new_tokens{};  ///< 0
  std::optional<double> max_time{};              ///< Seconds; checked between tokens. No limit.
  std::optional<std::int64_t> min_length{};      ///< 0; prompt and output together
  std::optional<std::vector<std::int32_t>> eos_token_id{};  ///< Ids that end the text. The model's.
  std::vector<std::string>
      stop_strings{};               ///< Text that ends the output; no part of it is given out.
  std::optional<bool> do_sample{};  ///< false; true where a sampling option is given without it.
  std::optional<double> temperature{};  ///< 1
  std::optional<std::int64_t>
      top_k{};  ///< 0: off (transformers' own default of 50 applies only where a file says so)
  std::optional<double> top_p{};      ///< 1
  std::optional<double> min_p{};      ///< 0
  std::optional<double> typical_p{};  ///< 1
  std::optional<std::int64_t>
      num_beams{};  ///< 1; more: beam search, or beam sampling with do_sample.
  std::optional<std::int64_t>
      num_return_sequences{};  ///< 1; of beams the best, else as many draws from the same prompt.
  std::optional<double>
      length_penalty{};  ///< 1; a beam's score is its sum of log-probabilities / length^this.
  std::optional<std::string>
      early_stopping{};  ///< "false": beams end when no better one is likely; "true": when as many
                         ///< as num_beams are finished; "never": when no better one is possible.
  std::optional<double> repetition_penalty{};  ///< 1; prompt and output alike, as transformers does
  std::optional<double> frequency_penalty{};   ///< 0; subtracted once an occurrence in the output
  std::optional<double> presence_penalty{};    ///< 0; subtracted where the output has the token
  std::map<std::int32_t, double> logit_bias{};  ///< Added to the logits of these ids.
  std::map<std::vector<std::int32_t>, double>
      sequence_bias{};  ///< Added to the logit of an id that completes one of these sequences.
  std::optional<std::int64_t> no_repeat_ngram_size{};  ///< 0: off; no run of n ids comes twice.
  std::optional<std::int64_t>
      encoder_no_repeat_ngram_size{};  ///< 0: off; no run of n ids of the encoder's input, or of a
                                       ///< decoder's prompt, comes in the output.
  std::vector<std::vector<std::int32_t>> bad_words_ids{};      ///< Sequences that may not come.
  std::optional<std::vector<std::int32_t>> suppress_tokens{};  ///< Ids that may not come.
  std::optional<std::vector<std::int32_t>> begin_suppress_tokens{};  ///< ... as the first.
  std::optional<std::int64_t>
      decoder_start_token_id{};  ///< What an encoder-decoder's output begins after. The model's.
  std::optional<std::vector<std::int32_t>>
      decoder_input_ids{};  ///< What an encoder-decoder's output goes on from, behind that id
                            ///< (which may stand here too); no part of the output.
  std::optional<std::int64_t> forced_bos_token_id{};  ///< The id after a prompt of a single one.
  std::optional<std::vector<std::int32_t>>
      forced_eos_token_id{};  ///< The last id, where the output gets as long as it may.
  std::optional<bool> renormalize_logits{};     ///< false; what all these leave adds up to 1 again,
                                                ///< which beams' scores depend on.
  PrefixAllowedTokens prefix_allowed_tokens{};  ///< Asked at each step, for each beam.
  std::optional<std::int64_t> prompt_lookup_num_tokens{};  ///< Ids guessed from the text. Off.
  std::optional<std::int64_t> max_matching_ngram_size{};   ///< 2; ids that a guess must follow
  std::shared_ptr<const Model> assistant_model{};      ///< A small model that guesses ids for this.
  std::optional<std::int64_t> num_assistant_tokens{};  ///< 5; ids that it guesses at a time
  std::optional<std::uint64_t> seed{};  ///< Drawn where not set, and told with the result.
  std::optional<std::int64_t>
      logprobs{};  ///< Log-probabilities of the chosen token and of the n most likely. Off.
  bool output_scores = false;       ///< Give what each id was chosen by: Sequence::scores.
  bool skip_special_tokens = true;  ///< Leave names of special tokens out of the text.
  std::optional<bool>
      add_special_tokens{};        ///< For a text prompt: true; for a rendered template: false.
  bool parse_special = false;      ///< For a text prompt: names of special tokens become their ids.
  std::optional<Cancel> cancel{};  ///< Ends the generation with finish_reason "cancelled".
};

/// What `generate` leaves open: the model's files (task_specific_params, generation_config.json),
/// then 4 beams and 256 tokens, as transformers' pipelines have it.
struct TranslateOptions {
  std::string
      src_lang{};  ///< As the model names languages: "en", "en_XX", "eng_Latn". The model's.
  std::string tgt_lang{};            ///< The language to translate into. The model's.
  std::string truncation = "error";  ///< Of texts longer than the model reads: "error", "head"
                                     ///< keeps their beginning, "tail" their end.
  GenerateOptions generate{};
};

/// As TranslateOptions.
struct SummarizeOptions {
  std::string truncation = "error";
  GenerateOptions generate{};
};

struct ChatOptions {
  std::string system{};                                ///< The system message; none where empty.
  std::string context_overflow = "drop_oldest_turns";  ///< or "error", "truncate_left".
  std::string tools{};                                 ///< A JSON array for the template, or empty.
  std::string variables{};  ///< A JSON object of further template variables, or empty.
  SessionOptions session{};
};

}  // namespace loquor
