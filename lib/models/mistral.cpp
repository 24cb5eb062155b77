// Mistral: Llama with a sliding window in every layer. https://arxiv.org/abs/2310.06825
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  ModelSpec spec = llama_spec(config);
  set_windows(config, spec);
  return spec;
}

extern constinit const Family mistral{.names = {"mistral"},
                                      .classes = {"Mistral"},
                                      .tokenizers = {"LlamaTokenizer"},
                                      .spec = spec,
                                      .weights = llama_weights};

}  // namespace loquor::models
