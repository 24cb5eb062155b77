// mBART: BART with norms before each sublayer and at the end. https://arxiv.org/abs/2001.08210
#include "models/bart.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  require_first_names(config, true, true, false);
  ModelSpec spec = pre_norm_bart_spec(config);
  set_positions(spec, EmbeddingSpec::LearnedPositions{}, 2);
  spec.encoder->embedding.norm = spec.decoder->embedding.norm = {NormKind::layer, 1e-5};
  return spec;
}

extern constinit const Family mbart{
    .names = {"mbart"},
    .classes = {"MBart"},
    .ends = kBartClasses,
    .tokenizers = {"MBartTokenizer"},
    .spec = spec,
    .head = bart_head,
    .weights = bart_weights,
    .last_id_first = true,
    .ignored = {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}};

}  // namespace loquor::models
