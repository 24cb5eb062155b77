// Marian (OPUS-MT): BART with sinusoids for positions and no norm after the embedding.
// https://arxiv.org/abs/1804.00344
#include "models/bart.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.require("share_encoder_decoder_embeddings", true);
  require_first_names(config, false, false, true);
  ModelSpec spec = bart_spec(config);
  set_positions(spec, SinusoidSpec{}, 0);
  return spec;
}

static constexpr ClassEnd kClasses[] = {{"Model"}, {"MTModel", HeadSpec::Task::language}};

extern constinit const Family marian{
    .names = {"marian"},
    .classes = {"Marian"},
    .ends = kClasses,
    .tokenizers = {"MarianTokenizer"},
    .spec = spec,
    .head = bart_head,
    .weights = bart_weights,
    .ignored = {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}};

}  // namespace loquor::models
