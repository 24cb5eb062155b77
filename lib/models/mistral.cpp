// Mistral: Llama with a sliding window in every layer. https://arxiv.org/abs/2310.06825
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  set_defaults(config, {.positions = 131072, .key_value_heads = 8});
  config.set_default("sliding_window", 4096);
  ModelSpec spec = llama_spec(config);
  set_windows(config, spec);
  return spec;
}

extern constinit const Family mistral{.names = {"mistral"},
                                      .classes = {"Mistral"},
                                      .ends = kLlamaClasses,
                                      .tokenizers = {"LlamaTokenizer"},
                                      .spec = spec,
                                      .weights = llama_weights};

}  // namespace loquor::models
