#include "decode/generation/generation_defaults.h"

#include <algorithm>

#include "base/error.h"
#include "decode/options/options.h"

namespace loquor {

namespace {

// Keys that say nothing about a single greedy or sampled sequence.
constexpr std::string_view kHarmless[] = {"_from_model_config",
                                          "transformers_version",
                                          "bos_token_id",
                                          "pad_token_id",
                                          "use_cache",
                                          "output_attentions",
                                          "output_hidden_states",
                                          "output_scores",
                                          "return_dict_in_generate",
                                          "cache_implementation"};

template <class Value>
bool is_set(const std::optional<Value>& option) {
  return option.has_value();
}
template <class Container>
bool is_set(const Container& option) {
  return !option.empty();
}

template <auto... Members>
void lay_all(GenerateOptions& options, const GenerateOptions& fallback) {
  const auto lay = [](auto& option, const auto& other) {
    if (!is_set(option)) option = other;
  };
  (lay(options.*Members, fallback.*Members), ...);
}

}  // namespace

GenerateOptions generation_defaults(const Json& config, const std::string& source,
                                    const Runtime& runtime) {
  GenerateOptions defaults;
  if (!config.is_object()) return defaults;
  const auto table = generate_options();
  for (const auto& [key, value] : config.as_object()) {
    if (value.is_null() ||
        std::find(std::begin(kHarmless), std::end(kHarmless), key) != std::end(kHarmless))
      continue;
    if (!table.contains(key)) {
      runtime.state().warn(source, ": ", quoted(key), " is not used");
      continue;
    }
    try {
      table.set(defaults, key, value);
    } catch (const Error& error) {
      runtime.state().warn(source, ": ", std::string_view(error.what()));
    }
  }
  return defaults;
}

bool samples(const GenerateOptions& options) noexcept {
  return options.do_sample.value_or(options.temperature || options.top_k || options.top_p ||
                                    options.min_p || options.typical_p);
}

GenerateOptions with_defaults(const GenerateOptions& given, const GenerateOptions& defaults) {
  GenerateOptions options = given;
  if (samples(given)) options.do_sample = true;
  // Either of the two says how long an output may get.
  if (!given.max_new_tokens && !given.max_length)
    lay_all<&GenerateOptions::max_new_tokens, &GenerateOptions::max_length>(options, defaults);
  lay_all<&GenerateOptions::do_sample, &GenerateOptions::min_new_tokens, &GenerateOptions::max_time,
          &GenerateOptions::min_length, &GenerateOptions::eos_token_id,
          &GenerateOptions::stop_strings, &GenerateOptions::temperature, &GenerateOptions::top_k,
          &GenerateOptions::top_p, &GenerateOptions::min_p, &GenerateOptions::typical_p,
          &GenerateOptions::num_beams, &GenerateOptions::num_return_sequences,
          &GenerateOptions::length_penalty, &GenerateOptions::early_stopping,
          &GenerateOptions::repetition_penalty, &GenerateOptions::frequency_penalty,
          &GenerateOptions::presence_penalty, &GenerateOptions::logit_bias,
          &GenerateOptions::sequence_bias, &GenerateOptions::no_repeat_ngram_size,
          &GenerateOptions::encoder_no_repeat_ngram_size, &GenerateOptions::bad_words_ids,
          &GenerateOptions::suppress_tokens, &GenerateOptions::begin_suppress_tokens,
          &GenerateOptions::decoder_start_token_id, &GenerateOptions::forced_bos_token_id,
          &GenerateOptions::forced_eos_token_id, &GenerateOptions::renormalize_logits,
          &GenerateOptions::prompt_lookup_num_tokens, &GenerateOptions::max_matching_ngram_size>(
      options, defaults);
  return options;
}

std::optional<std::int64_t> most_new_tokens(const GenerateOptions& options, std::int64_t prompt) {
  if (options.max_new_tokens || !options.max_length) return options.max_new_tokens;
  if (*options.max_length > prompt) return *options.max_length - prompt;
  fail(Code::invalid_argument, "option max_length: found ", *options.max_length,
       ", and the prompt, which it counts too, has ", prompt,
       " tokens: expected more, or max_new_tokens");
}

std::int64_t most_positions(const GenerateOptions& options, std::int64_t prompt) {
  if (options.max_new_tokens || !options.max_length)
    return prompt + options.max_new_tokens.value_or(0);
  return std::max(prompt, *options.max_length);
}

std::int32_t decoder_start(const GenerateOptions& options) {
  if (!options.decoder_start_token_id) {
    fail(Code::invalid_argument,
         "option decoder_start_token_id: the model's files do not say what its output begins "
         "after, expected an id");
  }
  return static_cast<std::int32_t>(*options.decoder_start_token_id);
}

}  // namespace loquor
