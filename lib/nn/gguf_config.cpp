#include "nn/gguf_config.h"

#include <array>
#include <span>

#include "base/error.h"

namespace loquor {

namespace {

struct Translation {
  std::string_view gguf;  // after "<architecture>."
  std::string_view key;   // Hugging Face's
};

constexpr Translation kIntegers[] = {
    {"block_count", "num_hidden_layers"},
    {"decoder_block_count", "num_decoder_layers"},
    {"leading_dense_block_count", "first_k_dense_replace"},
    {"context_length", "max_position_embeddings"},
    {"embedding_length", "hidden_size"},
    {"feed_forward_length", "intermediate_size"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.key_length", "head_dim"},
    {"attention.key_length_mla", "qk_head_dim"},
    {"attention.value_length_mla", "v_head_dim"},
    {"attention.q_lora_rank", "q_lora_rank"},
    {"attention.kv_lora_rank", "kv_lora_rank"},
    {"attention.sliding_window", "sliding_window"},
    {"attention.sliding_window_pattern", "sliding_window_pattern"},
    {"attention.relative_buckets_count", "relative_attention_num_buckets"},
    {"expert_count", "num_local_experts"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_shared_count", "n_shared_experts"},
    {"expert_group_count", "n_group"},
    {"expert_group_used_count", "topk_group"},
    {"expert_feed_forward_length", "moe_intermediate_size"},
    {"decoder_start_token_id", "decoder_start_token_id"}};
constexpr Translation kNumbers[] = {{"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
                                    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
                                    {"rope.freq_base", "rope_theta"},
                                    {"rope.freq_base_swa", "rope_local_base_freq"},
                                    {"attn_logit_softcapping", "attn_logit_softcapping"},
                                    {"final_logit_softcapping", "final_logit_softcapping"},
                                    {"expert_weights_scale", "routed_scaling_factor"}};
constexpr Translation kBooleans[] = {{"attention.causal", "is_causal"},
                                     {"expert_weights_norm", "norm_topk_prob"}};
constexpr Translation kStrings[] = {{"hidden_activation", "hidden_activation"}};

// Numbers that stand for names.
struct Naming {
  std::string_view gguf, key;
  std::array<std::string_view, 4> names;  // of 0, 1, ...
};
constexpr Naming kNamings[] = {
    {"expert_gating_func", "scoring_func", {"none", "softmax", "sigmoid"}},
    {"classifier.pooling_type", "classifier_pooling", {"none", "mean", "cls", "last"}}};
constexpr std::string_view kPoolings[] = {"none", "mean", "cls", "last", "rank"};

// What a tensor says by being there.
struct Sign {
  std::string_view tensor, key;
};
constexpr Sign kSigns[] = {{"blk.0.attn_q.bias", "attention_bias"},
                           {"blk.0.attn_qkv.bias", "attention_bias"},
                           {"blk.0.attn_output.bias", "attention_bias"},
                           {"blk.0.ffn_down.bias", "mlp_bias"},
                           {"output_norm.bias", "norm_bias"},
                           {"enc.blk.0.ffn_gate.weight", "is_gated_act"}};

std::string_view name_of(const GgufMetadata& metadata, const std::string& key,
                         std::span<const std::string_view> names) {
  const std::int64_t number = metadata.integer(key);
  if (number < 0 || number >= std::ssize(names) || names[static_cast<std::size_t>(number)].empty())
    fail(Code::unsupported, "key ", quoted(key), " is ", number, ", which is not known");
  return names[static_cast<std::size_t>(number)];
}

// As "id2label" has them.
Json numbered(const std::string& key, std::span<const std::string_view> labels) {
  constexpr std::size_t kMost = 10'000;  // each is looked up by its number
  if (labels.size() > kMost)
    fail(Code::unsupported, quoted(key), " has ", labels.size(), " entries, and ", kMost,
         " can be");
  Json object = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i)
    object.as_object().emplace_back(std::to_string(i), std::string(labels[i]));
  return object;
}

// Everything that has one key here and one there.
Json translated(const GgufMetadata& metadata, const std::string& prefix) {
  Json config = Json::object();
  const auto translate = [&](std::span<const Translation> table, auto&& read) {
    for (const auto& [gguf, key] : table) {
      const std::string full = prefix + std::string(gguf);
      if (metadata.has(full)) config[key] = read(full);
    }
  };
  translate(kIntegers, [&](const std::string& key) { return metadata.integer(key); });
  translate(kNumbers, [&](const std::string& key) { return metadata.number(key); });
  translate(kBooleans, [&](const std::string& key) { return metadata.boolean(key); });
  translate(kStrings, [&](const std::string& key) { return std::string(metadata.string(key)); });
  for (const auto& [gguf, key, names] : kNamings) {
    const std::string full = prefix + std::string(gguf);
    if (metadata.has(full)) config[key] = std::string(name_of(metadata, full, names));
  }
  const std::string labels = prefix + "classifier.output_labels";
  if (metadata.has(labels)) config["id2label"] = numbered(labels, metadata.strings(labels));
  return config;
}

// What only the tensors say.
void read_tensors(const Checkpoint& tensors, Json& config) {
  for (const auto& [tensor, key] : kSigns) {
    if (tensors.find(tensor)) config[key] = true;
  }
  config["vocab_size"] = tensors.at("token_embd.weight").rows();
  config["tie_word_embeddings"] = tensors.find("output.weight") == nullptr;
  if (const StoredTensor* types = tensors.find("token_types.weight"))
    config["type_vocab_size"] = types->rows();
  if (const StoredTensor* labels = tensors.find("cls.output.weight"))
    config["num_labels"] = labels->rows();
}

Json numbers_of(const StoredTensor& tensor) {
  Json list = Json::array();
  for (const float number : to_floats(tensor)) list.push_back(static_cast<double>(number));
  return list;
}

// rope.scaling.*, or the factors that llama.cpp stores as tensors.
Json rope_scaling(const GgufFile& file, const std::string& prefix) {
  const GgufMetadata& metadata = file.metadata;
  Json scaling = Json::object();
  if (const StoredTensor* factors = file.tensors.find("rope_freqs.weight")) {
    scaling["rope_type"] = "factors";
    scaling["factors"] = numbers_of(*factors);
    return scaling;
  }
  const std::string original = prefix + "rope.scaling.original_context_length";
  if (metadata.has(original))
    scaling["original_max_position_embeddings"] = metadata.integer(original);
  if (const StoredTensor* factors = file.tensors.find("rope_factors_long.weight")) {
    scaling["rope_type"] = "longrope";
    scaling["long_factor"] = numbers_of(*factors);
    scaling["short_factor"] = numbers_of(file.tensors.at("rope_factors_short.weight"));
    const std::string magnitude = prefix + "rope.scaling.attn_factor";
    if (metadata.has(magnitude)) scaling["attention_factor"] = metadata.number(magnitude);
    return scaling;
  }
  const auto type = metadata.string(prefix + "rope.scaling.type", "none");
  const double factor = metadata.number(prefix + "rope.scaling.factor", 1.0);
  metadata.ignore(prefix + "rope.scaling.finetuned");  // says nothing of how
  if (type == "none" || type.empty()) return Json();
  if (type == "linear") scaling = Json::object();  // needs no original length
  scaling["rope_type"] = std::string(type);
  scaling["factor"] = factor;
  for (const char* key : {"beta_fast", "beta_slow", "log_multiplier"}) {
    const std::string full = text(prefix, "rope.scaling.yarn_", key);
    if (metadata.has(full)) scaling[key] = metadata.number(full);
  }
  return scaling;
}

}  // namespace

Config gguf_config(const GgufFile& file, const std::string& source) {
  const GgufMetadata& metadata = file.metadata;
  const std::string prefix = text(metadata.string("general.architecture"), ".");
  Json config = translated(metadata, prefix);
  read_tensors(file.tensors, config);
  if (Json scaling = rope_scaling(file, prefix); !scaling.is_null())
    config["rope_scaling"] = std::move(scaling);

  const auto width = [&](std::string_view key) {
    return config.find(key) ? config.at(key).as_integer() : 0;
  };
  const std::int64_t heads = width("num_attention_heads");
  const std::int64_t head_width = config.find("head_dim") ? width("head_dim")
                                  : heads > 0             ? width("hidden_size") / heads
                                                          : 0;
  // Only a family that knows such heads reads these.
  const std::int64_t values = metadata.integer(prefix + "attention.value_length", head_width);
  if (values != head_width) config["value_length"] = values;
  const std::int64_t turning = metadata.integer(prefix + "rope.dimension_count", head_width);
  if (turning != head_width) config["rotary_dim"] = turning;
  const std::int64_t vocabulary = metadata.integer(prefix + "vocab_size", width("vocab_size"));
  if (vocabulary != width("vocab_size")) {
    fail(Code::invalid_file, source, ": ", prefix, "vocab_size is ", vocabulary,
         ", and token_embd.weight has ", width("vocab_size"), " rows");
  }
  for (const auto key : metadata.unread(prefix)) {
    fail(Code::unsupported, source, ": key ", quoted(key), " is not known for this architecture");
  }
  return Config(std::move(config), source, true);
}

std::optional<SentenceConfig> gguf_sentence_config(const GgufFile& file) {
  const std::string key =
      text(file.metadata.string("general.architecture"), ".", std::string_view("pooling_type"));
  if (!file.metadata.has(key)) return {};
  const std::string_view pooling = name_of(file.metadata, key, kPoolings);
  // Rows as they are, and scores of a classifier, say nothing of embeddings.
  if (pooling == "none" || pooling == "rank") return {};
  SentenceConfig config;
  config.pooling = pooling;
  return config;
}

std::optional<GgufVocabulary> gguf_vocabulary(const GgufFile& file) {
  const GgufMetadata& metadata = file.metadata;
  const std::string prefix = "tokenizer.ggml.";
  const auto model = metadata.string(prefix + "model", "none");
  if (model == "none" || model == "no_vocab") return {};
  GgufVocabulary vocabulary;
  vocabulary.model = model;
  vocabulary.pre = metadata.string(prefix + "pre", "");
  for (const auto token : metadata.strings(prefix + "tokens"))
    vocabulary.tokens.emplace_back(token);
  if (metadata.has(prefix + "scores")) vocabulary.scores = metadata.numbers(prefix + "scores");
  if (metadata.has(prefix + "token_type"))
    vocabulary.token_types = metadata.integers(prefix + "token_type");
  if (metadata.has(prefix + "merges")) {
    for (const auto merge : metadata.strings(prefix + "merges"))
      vocabulary.merges.emplace_back(merge);
  }
  const auto id = [&](const char* key) -> std::optional<std::int32_t> {
    const std::string full = prefix + key;
    if (!metadata.has(full)) return {};
    const std::int64_t value = metadata.integer(full);
    if (value == 0xffffffff || value == -1) return {};  // files write "none" so
    if (value < 0 || value >= static_cast<std::int64_t>(vocabulary.tokens.size())) {
      fail(Code::invalid_file, full, " is ", value, ", and the vocabulary has ",
           vocabulary.tokens.size(), " tokens");
    }
    return static_cast<std::int32_t>(value);
  };
  vocabulary.bos = id("bos_token_id");
  vocabulary.eos = id("eos_token_id");
  vocabulary.unk = id("unknown_token_id");
  vocabulary.pad = id("padding_token_id");
  vocabulary.eot = id("eot_token_id");
  vocabulary.eom = id("eom_token_id");
  vocabulary.cls = id("cls_token_id");
  vocabulary.sep = id("seperator_token_id");  // spelt so
  const auto flag = [&](const char* key) -> std::optional<bool> {
    const std::string full = prefix + key;
    return metadata.has(full) ? std::optional(metadata.boolean(full)) : std::nullopt;
  };
  vocabulary.add_bos = flag("add_bos_token");
  vocabulary.add_eos = flag("add_eos_token");
  vocabulary.add_space_prefix = flag("add_space_prefix");
  vocabulary.remove_extra_whitespaces = flag("remove_extra_whitespaces");
  vocabulary.lowercase = flag("normalizer.lowercase");
  vocabulary.strip_accents = flag("normalizer.strip_accents");
  if (const std::string map = prefix + "precompiled_charsmap"; metadata.has(map)) {
    for (const std::int64_t byte : metadata.integers(map)) {
      if (byte < -128 || byte > 255) fail(Code::invalid_file, map, " has ", byte, " for a byte");
      vocabulary.character_map += static_cast<char>(byte);
    }
  }
  return vocabulary;
}

Json gguf_generation_config(const GgufFile& file, const std::optional<GgufVocabulary>& vocabulary) {
  Json config;
  if (vocabulary) {
    Json ends = Json::array();
    for (const auto& id : {vocabulary->eos, vocabulary->eot, vocabulary->eom}) {
      if (id) ends.push_back(static_cast<std::int64_t>(*id));
    }
    if (ends.size() > 0) config["eos_token_id"] = std::move(ends);
  }
  const std::string start = text(file.metadata.string("general.architecture"), ".",
                                 std::string_view("decoder_start_token_id"));
  if (file.metadata.has(start)) config["decoder_start_token_id"] = file.metadata.integer(start);
  return config;
}

std::string gguf_chat_template(const GgufFile& file) {
  return std::string(file.metadata.string("tokenizer.chat_template", ""));
}

void require_tokenizer_read(const GgufFile& file, const std::string& source) {
  // Roles of tokens that no call here uses, a copy of the whole tokenizer.json, and further
  // templates.
  for (const char* key :
       {"separator_token_id", "mask_token_id", "prefix_token_id", "suffix_token_id",
        "middle_token_id", "fim_pre_token_id", "fim_suf_token_id", "fim_mid_token_id",
        "fim_pad_token_id", "fim_rep_token_id", "fim_sep_token_id", "add_sep_token",
        "token_type_count"}) {
    file.metadata.ignore(text("tokenizer.ggml.", std::string_view(key)));
  }
  for (const char* key : {"tokenizer.huggingface.json", "tokenizer.chat_templates"})
    file.metadata.ignore(key);
  for (const auto key : file.metadata.unread("tokenizer.")) {
    if (key.starts_with("tokenizer.chat_template.")) continue;
    fail(Code::unsupported, source, ": key ", quoted(key), " is not known");
  }
}

}  // namespace loquor
