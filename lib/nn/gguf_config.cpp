#include "nn/gguf_config.h"

#include "base/error.h"

namespace loquor {

namespace {

struct Translation {
  std::string_view gguf;  // after "<architecture>."
  std::string_view key;   // Hugging Face's
};

constexpr Translation kIntegers[] = {{"block_count", "num_hidden_layers"},
                                     {"context_length", "max_position_embeddings"},
                                     {"embedding_length", "hidden_size"},
                                     {"feed_forward_length", "intermediate_size"},
                                     {"attention.head_count", "num_attention_heads"},
                                     {"attention.head_count_kv", "num_key_value_heads"},
                                     {"attention.key_length", "head_dim"},
                                     {"attention.sliding_window", "sliding_window"},
                                     {"attention.sliding_window_pattern", "sliding_window_pattern"},
                                     {"expert_count", "num_local_experts"},
                                     {"expert_used_count", "num_experts_per_tok"},
                                     {"expert_feed_forward_length", "moe_intermediate_size"}};
constexpr Translation kNumbers[] = {{"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
                                    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
                                    {"rope.freq_base", "rope_theta"},
                                    {"rope.freq_base_swa", "rope_local_base_freq"},
                                    {"attn_logit_softcapping", "attn_logit_softcapping"},
                                    {"final_logit_softcapping", "final_logit_softcapping"}};

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
  return scaling;
}

}  // namespace

Config gguf_config(const GgufFile& file, const std::string& source) {
  const GgufMetadata& metadata = file.metadata;
  const std::string prefix = text(metadata.string("general.architecture"), ".");
  Json config = Json::object();
  for (const auto& [gguf, key] : kIntegers) {
    const std::string full = prefix + std::string(gguf);
    if (metadata.has(full)) config[key] = metadata.integer(full);
  }
  for (const auto& [gguf, key] : kNumbers) {
    const std::string full = prefix + std::string(gguf);
    if (metadata.has(full)) config[key] = metadata.number(full);
  }
  const StoredTensor& embedding = file.tensors.at("token_embd.weight");
  config["vocab_size"] = embedding.rows();
  config["tie_word_embeddings"] = file.tensors.find("output.weight") == nullptr;
  if (file.tensors.find("blk.0.attn_output.bias")) config["attention_bias"] = true;
  if (file.tensors.find("blk.0.ffn_down.bias")) config["mlp_bias"] = true;
  if (Json scaling = rope_scaling(file, prefix); !scaling.is_null())
    config["rope_scaling"] = std::move(scaling);

  const auto width = [&](std::string_view key) {
    return config.find(key) ? config.at(key).as_integer() : 0;
  };
  const std::int64_t heads = width("num_attention_heads");
  const std::int64_t head_width = config.find("head_dim") ? width("head_dim")
                                  : heads                 ? width("hidden_size") / heads
                                                          : 0;
  const std::int64_t values = metadata.integer(prefix + "attention.value_length", head_width);
  if (values != head_width) {
    fail(Code::unsupported, source, ": ", quoted(prefix + "attention.value_length"), " is ", values,
         ", expected the head width ", head_width);
  }
  // A share of the head that gives this number when it is rounded down.
  const std::int64_t turning = metadata.integer(prefix + "rope.dimension_count", head_width);
  if (turning != head_width) {
    config["partial_rotary_factor"] =
        (static_cast<double>(turning) + 0.5) / static_cast<double>(head_width);
  }
  const std::int64_t vocabulary = metadata.integer(prefix + "vocab_size", embedding.rows());
  if (vocabulary != embedding.rows()) {
    fail(Code::invalid_file, source, ": ", prefix, "vocab_size is ", vocabulary,
         ", and token_embd.weight has ", embedding.rows(), " rows");
  }
  for (const auto key : metadata.unread(prefix)) {
    fail(Code::unsupported, source, ": key ", quoted(key), " is not known for this architecture");
  }
  return Config(std::move(config), source, true);
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
  return vocabulary;
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
