// Llama 2 and 3.x, and what is built like them: TinyLlama, SmolLM2, DeepSeek-R1-Distill-Llama.
// https://arxiv.org/abs/2302.13971, https://arxiv.org/abs/2407.21783
#include "models/llama.h"

namespace loquor::models {

ModelSpec llama_spec(Config& config) {
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("hidden_size");
  spec.positions = config.size("max_position_embeddings", 2048);

  StackSpec& decoder = spec.decoder.emplace();
  decoder.final_norm = {NormKind::rms, config.number("rms_norm_eps", 1e-6)};
  BlockSpec block;
  block.attention_norm = block.feed_forward_norm = decoder.final_norm;
  AttentionSpec& attention = block.attention;
  attention.heads = config.size("num_attention_heads");
  attention.key_value_heads = config.size("num_key_value_heads", attention.heads);
  attention.head_width = config.size("head_dim", spec.width / attention.heads);
  attention.input_bias = attention.output_bias = config.boolean("attention_bias", false);
  attention.rope = rope_spec(config, attention.head_width, spec.positions);
  block.feed_forward = FeedForwardSpec{.width = config.size("intermediate_size"),
                                       .activation = config.string("hidden_act", "silu"),
                                       .gated = true,
                                       .bias = config.boolean("mlp_bias", false)};
  decoder.blocks.assign(config.layers("num_hidden_layers"), block);
  return spec;
}

void set_defaults(Config& config, const SizeDefaults& defaults) {
  if (config.gguf()) return;
  config.set_default("max_position_embeddings", defaults.positions);
  config.set_default("rms_norm_eps", defaults.epsilon);
  if (defaults.key_value_heads > 0)
    config.set_default("num_key_value_heads", defaults.key_value_heads);
}

std::vector<WeightName> llama_weights() {
  return {{"embedding.tokens", {"model.embed_tokens"}},
          {"blocks.*.attention.norm", {"model.layers.*.input_layernorm"}},
          {"blocks.*.attention.qkv",
           {"model.layers.*.self_attn.q_proj", "model.layers.*.self_attn.k_proj",
            "model.layers.*.self_attn.v_proj"}},
          {"blocks.*.attention.output", {"model.layers.*.self_attn.o_proj"}},
          {"blocks.*.feed_forward.norm", {"model.layers.*.post_attention_layernorm"}},
          {"blocks.*.feed_forward.gate_up",
           {"model.layers.*.mlp.gate_proj", "model.layers.*.mlp.up_proj"}},
          {"blocks.*.feed_forward.out", {"model.layers.*.mlp.down_proj"}},
          {"final_norm", {"model.norm"}},
          {"language.output", {"lm_head"}},
          {"sequence.output", {"score"}},
          {"token.output", {"score"}},
          {"question.output", {"qa_outputs"}}};
}

bool is_windowed(Config& config, std::size_t i, bool otherwise) {
  const Json& types = config.value("layer_types");
  if (i >= types.size()) return otherwise;
  const std::string& type = types.as_array()[i].as_string();
  if (type != "sliding_attention" && type != "full_attention") {
    fail(Code::unsupported, config.source(), ": layer_types has ", quoted(type),
         ", expected \"full_attention\" or \"sliding_attention\"");
  }
  return type == "sliding_attention";
}

void set_windows(Config& config, ModelSpec& spec) {
  for (BlockSpec& block : spec.decoder->blocks)
    block.attention.window = config.integer("sliding_window", 0);
}

void set_later_windows(Config& config, ModelSpec& spec) {
  const std::int64_t window = config.integer("sliding_window", 4096);
  const bool windows = config.boolean("use_sliding_window", false);
  const std::int64_t full_layers = config.integer("max_window_layers", 28);
  for (std::size_t i = 0; i < spec.decoder->blocks.size(); ++i) {
    const bool late = static_cast<std::int64_t>(i) >= full_layers;
    if (is_windowed(config, i, late) && windows) spec.decoder->blocks[i].attention.window = window;
  }
}

static ModelSpec spec(Config& config) {
  ModelSpec spec = llama_spec(config);
  for (BlockSpec& block : spec.decoder->blocks)
    block.attention.rope->interleaved = config.gguf();  // GGUF keeps the pairs side by side
  return spec;
}

extern constinit const Family llama{
    .names = {"llama"},
    .classes = {"Llama"},
    .ends = kLlamaClasses,
    .tokenizers = {"LlamaTokenizer"},
    .gguf = {{{.architecture = "llama", .tensors = {"!blk.0.ffn_gate_inp.weight"}}}},
    .spec = spec,
    .weights = llama_weights,
    .spellings = kLlamaSpellings,
    .ignored = {"model.layers.*.self_attn.rotary_emb.inv_freq", "rope_freqs.weight"}};

}  // namespace loquor::models
