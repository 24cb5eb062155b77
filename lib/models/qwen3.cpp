// Qwen3: Llama with a norm on each head of q and k. https://arxiv.org/abs/2505.09388
#include "models/qwen3.h"

namespace loquor::models {

ModelSpec qwen3_spec(Config& config) {
  config.set_default("head_dim", 128);
  ModelSpec spec = llama_spec(config);
  for (BlockSpec& block : spec.decoder->blocks) block.attention.head_norm = block.attention_norm;
  return spec;
}

std::vector<WeightName> qwen3_weights() {
  return with(llama_weights(),
              {{"blocks.*.attention.q_norm", {"model.layers.*.self_attn.q_norm"}},
               {"blocks.*.attention.k_norm", {"model.layers.*.self_attn.k_norm"}}});
}

static ModelSpec spec(Config& config) {
  set_defaults(config, {.positions = 32768, .key_value_heads = 32});
  ModelSpec spec = qwen3_spec(config);
  set_later_windows(config, spec);
  return spec;
}

extern constinit const Family qwen3{.names = {"qwen3"},
                                    .classes = {"Qwen3"},
                                    .ends = kLlamaClasses,
                                    .tokenizers = {"Qwen2Tokenizer"},
                                    .gguf = {{{.architecture = "qwen3"}}},
                                    .spec = spec,
                                    .weights = qwen3_weights,
                                    .spellings = kLlamaSpellings};

}  // namespace loquor::models
