// Pegasus: BART with norms before each sublayer, and sinusoids for positions.
// https://arxiv.org/abs/1912.08777
#include "models/bart.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  require_first_names(config, true, false, true);
  ModelSpec spec = pre_norm_bart_spec(config);
  set_positions(spec, SinusoidSpec{}, 0);
  return spec;
}

extern constinit const Family pegasus{
    .names = {"pegasus"},
    .classes = {"Pegasus"},
    .ends = kEncoderDecoderClasses,
    .tokenizers = {"PegasusTokenizer"},
    .spec = spec,
    .head = bart_head,
    .weights = bart_weights,
    .ignored = {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}};

}  // namespace loquor::models
