// Mixtral: Mistral with a mixture of experts for each feed-forward layer.
// https://arxiv.org/abs/2401.04088
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  for (const char* key : {"output_router_logits", "router_aux_loss_coef", "router_jitter_noise"})
    config.value(key);  // of training
  config.set_default("rope_theta", config.gguf() ? 10000.0 : 1000000.0);
  config.rename("num_experts", "num_local_experts");
  set_defaults(config, {.positions = 131072, .key_value_heads = 8, .epsilon = 1e-5});
  ModelSpec spec = llama_spec(config);
  set_windows(config, spec);
  for (BlockSpec& block : spec.decoder->blocks) {
    const auto expert = std::get<FeedForwardSpec>(block.feed_forward);
    MixtureSpec mixture;
    mixture.experts = config.size("num_local_experts", 8);
    mixture.chosen = config.size("num_experts_per_tok", 2);
    mixture.width = expert.width;
    mixture.activation = expert.activation;
    mixture.normalize = true;
    block.feed_forward = mixture;
    block.attention.rope->interleaved = config.gguf();  // as in Llama's files
  }
  return spec;
}

static std::vector<WeightName> weights() {
  return with(
      llama_weights(),
      {{"blocks.*.feed_forward.router", {"model.layers.*.block_sparse_moe.gate"}},
       {"blocks.*.feed_forward.experts.*.gate_up",
        {"model.layers.*.block_sparse_moe.experts.*.w1",
         "model.layers.*.block_sparse_moe.experts.*.w3"}},
       {"blocks.*.feed_forward.experts.*.out", {"model.layers.*.block_sparse_moe.experts.*.w2"}}});
}

extern constinit const Family mixtral{
    .names = {"mixtral"},
    .classes = {"Mixtral"},
    .ends = kLlamaClasses,
    .tokenizers = {"LlamaTokenizer"},
    .gguf = {{{.architecture = "llama", .tensors = {"blk.0.ffn_gate_inp.weight"}}}},
    .spec = spec,
    .weights = weights};

}  // namespace loquor::models
