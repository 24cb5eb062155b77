#include "decode/generation_defaults.h"

#include <algorithm>

#include "decode/options.h"

namespace loquor {

namespace {

// Keys that say nothing about a single greedy or sampled sequence.
constexpr std::string_view kHarmless[] = {
    "_from_model_config", "transformers_version",    "bos_token_id",
    "pad_token_id",       "decoder_start_token_id",  "use_cache",
    "max_length",         "output_attentions",       "output_hidden_states",
    "output_scores",      "return_dict_in_generate", "cache_implementation"};

template <class Value>
void lay(std::optional<Value>& option, const std::optional<Value>& fallback) {
  if (!option) option = fallback;
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
  lay(options.do_sample, defaults.do_sample);
  lay(options.max_new_tokens, defaults.max_new_tokens);
  lay(options.min_new_tokens, defaults.min_new_tokens);
  lay(options.max_time, defaults.max_time);
  lay(options.eos_token_id, defaults.eos_token_id);
  lay(options.temperature, defaults.temperature);
  lay(options.top_k, defaults.top_k);
  lay(options.top_p, defaults.top_p);
  lay(options.min_p, defaults.min_p);
  lay(options.typical_p, defaults.typical_p);
  lay(options.repetition_penalty, defaults.repetition_penalty);
  lay(options.frequency_penalty, defaults.frequency_penalty);
  lay(options.presence_penalty, defaults.presence_penalty);
  if (options.stop_strings.empty()) options.stop_strings = defaults.stop_strings;
  if (options.logit_bias.empty()) options.logit_bias = defaults.logit_bias;
  return options;
}

}  // namespace loquor
