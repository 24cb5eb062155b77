// Mistral: Llama with a sliding window in every layer. https://arxiv.org/abs/2310.06825
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  ModelSpec spec = llama_spec(config);
  for (BlockSpec& block : spec.blocks) block.attention.window = config.integer("sliding_window", 0);
  return spec;
}

extern constinit const Family mistral{.name = "mistral",
                                      .architecture = "MistralForCausalLM",
                                      .gguf = {},
                                      .spec = spec,
                                      .names = llama_names,
                                      .gguf_names = gguf_decoder_names};

}  // namespace loquor::models
