#include "nn/config.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace loquor {

namespace {

// Keys that say nothing about what the network computes at inference, whatever their value.
constexpr std::string_view kHarmless[] = {"_name_or_path",
                                          "architectures",
                                          "model_type",
                                          "transformers_version",
                                          "torch_dtype",
                                          "dtype",
                                          "use_cache",
                                          "pad_token_id",
                                          "sep_token_id",
                                          "attention_dropout",
                                          "attn_pdrop",
                                          "embd_pdrop",
                                          "resid_pdrop",
                                          "hidden_dropout",
                                          "hidden_dropout_prob",
                                          "attention_probs_dropout_prob",
                                          "classifier_dropout",
                                          "classifier_dropout_prob",
                                          "cls_token_id",
                                          "mask_token_id",
                                          "num_labels",
                                          "_num_labels",
                                          "dropout",
                                          "initializer_range",
                                          "initializer_factor",
                                          "output_attentions",
                                          "output_hidden_states",
                                          "return_dict",
                                          "gradient_checkpointing",
                                          "task_specific_params",
                                          "auto_map",
                                          "license",
                                          "id2label",
                                          "label2id",
                                          "problem_type",
                                          "finetuning_task",
                                          "torchscript",
                                          "tokenizer_class",
                                          "output_past",
                                          "name",
                                          "language",
                                          "author",
                                          "use_bfloat16",
                                          "prefix",
                                          "unsloth_fixed",
                                          "unsloth_version",
                                          "is_llama_config",
                                          "cache_implementation",
                                          "attn_implementation",
                                          "_attn_implementation",
                                          "_attn_implementation_autoset",
                                          "rope_interleaved",
                                          "transformers.js_config",
                                          "keys_to_ignore_at_inference"};

// Keys of generation, which say nothing of the network.
constexpr std::string_view kGeneration[] = {"bos_token_id",
                                            "eos_token_id",
                                            "decoder_start_token_id",
                                            "forced_bos_token_id",
                                            "forced_eos_token_id",
                                            "max_length",
                                            "min_length",
                                            "do_sample",
                                            "temperature",
                                            "top_k",
                                            "top_p",
                                            "typical_p",
                                            "num_beams",
                                            "num_return_sequences",
                                            "length_penalty",
                                            "early_stopping",
                                            "repetition_penalty",
                                            "no_repeat_ngram_size",
                                            "encoder_no_repeat_ngram_size",
                                            "bad_words_ids",
                                            "suppress_tokens",
                                            "begin_suppress_tokens"};

// Keys that change what is computed unless they have transformers' default.
struct Default {
  std::string_view key;
  Json value;
};

const std::vector<Default>& defaults() {
  static const std::vector<Default> kDefaults = {{"pretraining_tp", 1},
                                                 {"is_decoder", false},
                                                 {"is_encoder_decoder", false},
                                                 {"add_cross_attention", false},
                                                 {"chunk_size_feed_forward", 0},
                                                 {"tie_encoder_decoder", false},
                                                 {"cross_attention_hidden_size", nullptr},
                                                 {"use_mrope", false},
                                                 {"mlp_only_layers", Json::array()},
                                                 // Of generation, but no options here.
                                                 {"num_beam_groups", 1},
                                                 {"diversity_penalty", 0.0},
                                                 {"output_scores", false},
                                                 {"return_dict_in_generate", false},
                                                 {"remove_invalid_values", false}};
  return kDefaults;
}

bool harmless(std::string_view key, const Json& value) {
  if (value.is_null()) return true;
  if ((value.is_array() || value.is_object()) && value.size() == 0) return true;
  if (std::ranges::find(kHarmless, key) != std::end(kHarmless) ||
      std::ranges::find(kGeneration, key) != std::end(kGeneration))
    return true;
  return std::any_of(defaults().begin(), defaults().end(), [&](const Default& entry) {
    if (entry.key != key) return false;
    if (entry.value.is_number() && value.is_number())
      return entry.value.as_number() == value.as_number();
    return entry.value == value;
  });
}

}  // namespace

std::span<const std::string_view> generation_keys() noexcept { return kGeneration; }

Config::Config(Json document, std::string source, bool gguf)
    : document_(std::move(document)), source_(std::move(source)), gguf_(gguf) {
  if (!document_.is_object()) {
    fail(Code::invalid_file, source_, ": found ", name(document_.kind()), ", expected an object");
  }
}

std::string Config::where(std::string_view key) const { return text(source_, ": ", path_, key); }

bool Config::has(std::string_view key) const {
  const Json* value = document_.find(key);
  return value && !value->is_null();
}

const Json* Config::find(std::string_view key) {
  read_.emplace(key);
  const Json* value = document_.find(key);
  return value && !value->is_null() ? value : nullptr;
}

std::int64_t Config::integer(std::string_view key, std::optional<std::int64_t> fallback) {
  if (const Json* value = find(key)) return within(where(key), [&] { return value->as_integer(); });
  if (!fallback) fail(Code::invalid_file, where(key), " is missing, expected an integer");
  return *fallback;
}

std::int64_t Config::size(std::string_view key, std::optional<std::int64_t> fallback) {
  const std::int64_t value = integer(key, fallback);
  if (value < 1 || value > 0x7fffffff) {
    fail(Code::invalid_file, where(key), " is ", value, ", expected 1 to 2147483647");
  }
  return value;
}

std::size_t Config::layers(std::string_view key, std::optional<std::int64_t> fallback) {
  const std::int64_t value = size(key, fallback);
  if (value > 100'000)
    fail(Code::invalid_file, where(key), " is ", value, ", expected 1 to 100000");
  return static_cast<std::size_t>(value);
}

double Config::number(std::string_view key, std::optional<double> fallback) {
  if (const Json* value = find(key)) return within(where(key), [&] { return value->as_number(); });
  if (!fallback) fail(Code::invalid_file, where(key), " is missing, expected a number");
  return *fallback;
}

bool Config::boolean(std::string_view key, std::optional<bool> fallback) {
  if (const Json* value = find(key)) return within(where(key), [&] { return value->as_bool(); });
  if (!fallback) fail(Code::invalid_file, where(key), " is missing, expected true or false");
  return *fallback;
}

std::string Config::string(std::string_view key, std::optional<std::string> fallback) {
  if (const Json* value = find(key)) return within(where(key), [&] { return value->as_string(); });
  if (!fallback) fail(Code::invalid_file, where(key), " is missing, expected a string");
  return *fallback;
}

const Json& Config::value(std::string_view key) {
  static const Json kNull;
  const Json* value = find(key);
  return value ? *value : kNull;
}

Config* Config::section(std::string_view key) {
  const Json* value = find(key);
  if (!value) return nullptr;
  const std::string path = text(path_, key, ".");
  for (const auto& known : sections_) {
    if (known->path_ == path) return known.get();
  }
  auto section = std::make_unique<Config>(*value, where(key), gguf_);
  section->path_ = path;
  section->source_ = source_;
  sections_.push_back(std::move(section));
  return sections_.back().get();
}

void Config::require(std::string_view key, const Json& only) {
  const Json* value = find(key);
  if (value && !(*value == only)) {
    fail(Code::unsupported, where(key), " is ", value->dump(), ", and loquor can only do ",
         only.dump());
  }
}

void Config::set_default(std::string_view key, const Json& value) {
  if (!document_.find(key)) document_[key] = value;
}

void Config::rename(std::string_view from, std::string_view to) {
  Json::Object& members = document_.as_object();
  for (Json::Member& member : members) {
    if (member.first != from) continue;
    const Json* other = document_.find(to);
    if (other && !(*other == member.second))
      fail(Code::invalid_file, where(from), " and ", to, " are the same key");
    if (other) {
      read_.emplace(from);
    } else {
      member.first = to;
    }
    return;
  }
}

void Config::require_all_read(std::span<const std::string> ignored) const {
  for (const auto& [key, value] : document_.as_object()) {
    if (read_.contains(key) || harmless(key, value)) continue;
    const std::string full = path_ + key;
    if (std::find(ignored.begin(), ignored.end(), full) != ignored.end()) continue;
    fail(Code::unsupported, source_, ": key ", quoted(full), " (", value.dump().substr(0, 60),
         ") is not known for this architecture; list it in ignore_config_keys to load without it");
  }
  for (const auto& section : sections_) section->require_all_read(ignored);
}

}  // namespace loquor
