// Qwen3's mixture of experts, in some layers or all. https://arxiv.org/abs/2505.09388
#include "models/qwen3.h"

namespace loquor::models {

// Whether block i has a mixture rather than one feed-forward layer.
static bool is_mixed(Config& config, std::int64_t i) {
  const Json& plain = config.value("mlp_only_layers");
  for (std::size_t k = 0; k < plain.size(); ++k) {
    if (plain.as_array()[k].as_integer() == i) return false;
  }
  return (i + 1) % config.size("decoder_sparse_step", 1) == 0;
}

static ModelSpec spec(Config& config) {
  for (const char* key : {"output_router_logits", "router_aux_loss_coef"})
    config.value(key);  // of training
  config.rename("num_experts", "num_local_experts");
  set_defaults(config, {.positions = 32768, .key_value_heads = 4});
  ModelSpec spec = qwen3_spec(config);
  const bool windows = config.boolean("use_sliding_window", false);
  const std::int64_t window = config.integer("sliding_window", 4096);
  config.value("max_window_layers");  // transformers does not look at it here
  MixtureSpec mixture;
  mixture.experts = config.size("num_local_experts", 128);
  mixture.chosen = config.size("num_experts_per_tok", 8);
  mixture.width = config.size("moe_intermediate_size", 768);
  mixture.activation = config.string("hidden_act", "silu");
  mixture.normalize = config.boolean("norm_topk_prob", config.gguf());
  for (std::size_t i = 0; i < spec.decoder->blocks.size(); ++i) {
    BlockSpec& block = spec.decoder->blocks[i];
    if (windows) block.attention.window = window;
    if (is_mixed(config, static_cast<std::int64_t>(i))) block.feed_forward = mixture;
  }
  return spec;
}

static std::vector<WeightName> weights() {
  return with(
      qwen3_weights(),
      {{"blocks.*.feed_forward.router", {"model.layers.*.mlp.gate"}},
       {"blocks.*.feed_forward.experts.*.gate_up",
        {"model.layers.*.mlp.experts.*.gate_proj", "model.layers.*.mlp.experts.*.up_proj"}},
       {"blocks.*.feed_forward.experts.*.out", {"model.layers.*.mlp.experts.*.down_proj"}}});
}

extern constinit const Family qwen3_moe{.names = {"qwen3_moe"},
                                        .classes = {"Qwen3Moe"},
                                        .ends = kLlamaClasses,
                                        .tokenizers = {"Qwen2Tokenizer"},
                                        .gguf = {{{.architecture = "qwen3moe"}}},
                                        .spec = spec,
                                        .weights = weights,
                                        .spellings = kLlamaSpellings};

}  // namespace loquor::models
