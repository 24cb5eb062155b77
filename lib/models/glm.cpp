// GLM-4-9B: Llama with biases on q, k and v, gate and up in one matrix, and neighbouring pairs of
// half of each head turned. https://arxiv.org/abs/2406.12793
#include "models/glm.h"

namespace loquor::models {

ModelSpec glm_spec(Config& config) {
  config.set_default("attention_bias", !config.gguf());
  config.set_default("partial_rotary_factor", 0.5);
  set_defaults(config, {.positions = 131072, .key_value_heads = 2, .epsilon = 1.5625e-7});
  ModelSpec spec = llama_spec(config);
  for (BlockSpec& block : spec.decoder->blocks) {
    block.attention.output_bias = false;
    block.attention.rope->interleaved = true;
  }
  return spec;
}

std::vector<WeightName> glm_weights() {
  return with(llama_weights(),
              {{"blocks.*.feed_forward.gate_up", {"model.layers.*.mlp.gate_up_proj"}}});
}

extern constinit const Family glm{.names = {"glm"},
                                  .classes = {"Glm"},
                                  .gguf = {{{.architecture = "chatglm"}}},
                                  .spec = glm_spec,
                                  .weights = glm_weights};

}  // namespace loquor::models
