// M2M-100 and NLLB: BART with norms before each sublayer, and fairseq's sinusoids.
// https://arxiv.org/abs/2010.11125, https://arxiv.org/abs/2207.04672
#include "models/bart.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.set_default("activation_function", "relu");
  config.set_default("scale_embedding", true);
  ModelSpec spec = pre_norm_bart_spec(config);
  set_positions(spec, SinusoidSpec{.last_is_slowest = true}, config.integer("pad_token_id", 1) + 1);
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  HeadSpec head = bart_head(config, task);
  if (task == HeadSpec::Task::language) head.bias = false;
  return head;
}

extern constinit const Family m2m_100{
    .names = {"m2m_100"},
    .classes = {"M2M100"},
    .ends = kEncoderDecoderClasses,
    .tokenizers = {"M2M100Tokenizer"},
    .spec = spec,
    .head = head,
    .weights = bart_weights,
    .ignored = {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight",
                "model.encoder.embed_positions.weights", "model.decoder.embed_positions.weights"}};

}  // namespace loquor::models
