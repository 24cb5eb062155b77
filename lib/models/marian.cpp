// Marian (OPUS-MT): BART with sinusoids for positions and no norm after the embedding.
// https://arxiv.org/abs/1804.00344
#include "models/bart.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.require("share_encoder_decoder_embeddings", true);
  config.require("normalize_before", false);
  config.require("normalize_embedding", false);
  config.require("add_final_layer_norm", false);
  config.require("static_position_embeddings", true);
  config.require("add_bias_logits", false);
  config.require("extra_pos_embeddings", 0);
  ModelSpec spec = bart_spec(config);
  set_positions(spec, SinusoidSpec{}, 0);
  return spec;
}

extern constinit const Family marian{
    .names = {"marian"},
    .classes = {"Marian"},
    .tokenizers = {"MarianTokenizer"},
    .spec = spec,
    .head = bart_head,
    .weights = bart_weights,
    .ignored = {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}};

}  // namespace loquor::models
