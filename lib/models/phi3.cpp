// Phi-3, Phi-3.5 and Phi-4: Llama with q, k, v in one matrix, gate and up in another.
// https://arxiv.org/abs/2404.14219
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  for (const char* key : {"full_attn_mod", "interpolate_factor"}) config.require(key, 1);
  config.require("lm_head_bias", false);
  set_defaults(config, {.positions = 4096, .epsilon = 1e-5});
  ModelSpec spec = llama_spec(config);
  set_windows(config, spec);
  return spec;
}

static std::vector<WeightName> weights() {
  return with(llama_weights(),
              {{"blocks.*.attention.qkv", {"model.layers.*.self_attn.qkv_proj"}},
               {"blocks.*.feed_forward.gate_up", {"model.layers.*.mlp.gate_up_proj"}}});
}

extern constinit const Family phi3{.names = {"phi3"},
                                   .classes = {"Phi3"},
                                   .tokenizers = {"LlamaTokenizer"},
                                   .gguf = {{{.architecture = "phi3"}}},
                                   .spec = spec,
                                   .weights = weights,
                                   .ignored = {"rope_factors_long.weight",  // read with the config
                                               "rope_factors_short.weight"}};

}  // namespace loquor::models
