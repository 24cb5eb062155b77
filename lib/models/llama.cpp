// Llama 2 and 3.x, and what is built like them: TinyLlama, SmolLM2, DeepSeek-R1-Distill-Llama.
// https://arxiv.org/abs/2302.13971, https://arxiv.org/abs/2407.21783
#include "models/llama.h"

namespace loquor::models {

namespace {

RopeSpec rope(Config& config, std::int64_t positions) {
  RopeSpec rope;
  rope.interleaved = config.gguf();  // GGUF files store q and k with the pairs side by side
  Config* scaling =
      config.section(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  rope.theta =
      config.number("rope_theta", scaling ? scaling->number("rope_theta", 10000.0) : 10000.0);
  if (!scaling) return rope;
  const std::string type = scaling->string("rope_type", scaling->string("type", "default"));
  if (type == "linear") {
    rope.scaling = RopeSpec::Linear{scaling->number("factor")};
  } else if (type == "llama3") {
    rope.scaling = RopeSpec::Llama3{
        scaling->number("factor"), scaling->number("low_freq_factor"),
        scaling->number("high_freq_factor"),
        scaling->number("original_max_position_embeddings", static_cast<double>(positions))};
  } else if (type == "factors") {
    RopeSpec::Factors factors;
    for (const Json& factor : scaling->value("factors").as_array())
      factors.factors.push_back(factor.as_number());
    rope.scaling = std::move(factors);
  } else if (type != "default") {
    fail(Code::unsupported, config.source(), ": rope_scaling type ", quoted(type),
         " is not built; known are default, linear and llama3");
  }
  return rope;
}

}  // namespace

ModelSpec llama_spec(Config& config) {
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("hidden_size");
  spec.positions = config.size("max_position_embeddings", 2048);
  spec.tied_head = config.boolean("tie_word_embeddings", false);
  spec.final_norm = {NormKind::rms, config.number("rms_norm_eps", 1e-6)};

  BlockSpec block;
  block.norm = spec.final_norm;
  AttentionSpec& attention = block.attention;
  attention.heads = config.size("num_attention_heads");
  attention.key_value_heads = config.size("num_key_value_heads", attention.heads);
  attention.head_width = config.size("head_dim", spec.width / attention.heads);
  attention.input_bias = attention.output_bias = config.boolean("attention_bias", false);
  attention.rope = rope(config, spec.positions);
  block.feed_forward = {.width = config.size("intermediate_size"),
                        .activation = config.string("hidden_act", "silu"),
                        .gated = true,
                        .bias = config.boolean("mlp_bias", false)};
  spec.blocks.assign(static_cast<std::size_t>(config.size("num_hidden_layers")), block);
  return spec;
}

std::vector<WeightName> llama_names() {
  return {
      {"embedding.tokens", {"model.embed_tokens"}},
      {"blocks.*.attention.norm", {"model.layers.*.input_layernorm"}},
      {"blocks.*.attention.qkv",
       {"model.layers.*.self_attn.q_proj", "model.layers.*.self_attn.k_proj",
        "model.layers.*.self_attn.v_proj"}},
      {"blocks.*.attention.output", {"model.layers.*.self_attn.o_proj"}},
      {"blocks.*.feed_forward.norm", {"model.layers.*.post_attention_layernorm"}},
      {"blocks.*.feed_forward.in", {"model.layers.*.mlp.gate_proj", "model.layers.*.mlp.up_proj"}},
      {"blocks.*.feed_forward.out", {"model.layers.*.mlp.down_proj"}},
      {"final_norm", {"model.norm"}},
      {"head", {"lm_head"}}};
}

extern constinit const Family llama{
    .name = "llama",
    .architecture = "LlamaForCausalLM",
    .gguf = "llama",
    .spec = llama_spec,
    .names = llama_names,
    .gguf_names = gguf_decoder_names,
    .ignored = {"model.layers.*.self_attn.rotary_emb.inv_freq", "rope_freqs.weight"}};

}  // namespace loquor::models
