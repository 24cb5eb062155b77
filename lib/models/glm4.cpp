// GLM-4-0414: GLM with norms after the sublayers too. https://arxiv.org/abs/2406.12793
#include "models/glm.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  ModelSpec spec = glm_spec(config);
  for (BlockSpec& block : spec.decoder->blocks) block.placement = NormPlacement::sandwich;
  return spec;
}

static std::vector<WeightName> weights() {
  return with(glm_weights(),
              {{"blocks.*.attention.post_norm", {"model.layers.*.post_self_attn_layernorm"}},
               {"blocks.*.feed_forward.post_norm", {"model.layers.*.post_mlp_layernorm"}}});
}

extern constinit const Family glm4{.names = {"glm4"},
                                   .classes = {"Glm4"},
                                   .gguf = {{{.architecture = "glm4"}}},
                                   .spec = spec,
                                   .weights = weights};

}  // namespace loquor::models
