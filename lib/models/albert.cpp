// ALBERT: BERT with one block's weights for all, and a narrow embedding.
// https://arxiv.org/abs/1909.11942
#include "models/bert.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.require("num_hidden_groups", 1);
  config.require("inner_group_num", 1);
  // Of training, and of a TensorFlow ancestor.
  for (const char* key :
       {"net_structure_type", "gap_size", "num_memory_blocks", "down_scale_factor"})
    config.value(key);
  config.set_default("hidden_act", "gelu_new");
  ModelSpec spec = bert_spec(config);
  spec.encoder->embedding.width = config.size("embedding_size", 128);
  spec.encoder->shared_blocks = true;
  return spec;
}

static std::vector<WeightName> weights() {
  return {
      {"embedding.tokens", {"albert.embeddings.word_embeddings"}},
      {"embedding.positions", {"albert.embeddings.position_embeddings"}},
      {"embedding.types", {"albert.embeddings.token_type_embeddings"}},
      {"embedding.norm", {"albert.embeddings.LayerNorm"}},
      {"embedding.projection", {"albert.encoder.embedding_hidden_mapping_in"}},
      {"blocks.*.attention.qkv",
       {"albert.encoder.albert_layer_groups.0.albert_layers.0.attention.query",
        "albert.encoder.albert_layer_groups.0.albert_layers.0.attention.key",
        "albert.encoder.albert_layer_groups.0.albert_layers.0.attention.value"}},
      {"blocks.*.attention.output",
       {"albert.encoder.albert_layer_groups.0.albert_layers.0.attention.dense"}},
      {"blocks.*.attention.norm",
       {"albert.encoder.albert_layer_groups.0.albert_layers.0.attention.LayerNorm"}},
      {"blocks.*.feed_forward.in", {"albert.encoder.albert_layer_groups.0.albert_layers.0.ffn"}},
      {"blocks.*.feed_forward.out",
       {"albert.encoder.albert_layer_groups.0.albert_layers.0.ffn_output"}},
      {"blocks.*.feed_forward.norm",
       {"albert.encoder.albert_layer_groups.0.albert_layers.0.full_layer_layer_norm"}},
      {"masked.transform", {"predictions.dense"}},
      {"masked.norm", {"predictions.LayerNorm"}},
      {"masked.output", {"predictions.decoder"}, false, "predictions.bias"},
      {"sequence.transform", {"albert.pooler"}},
      {"sequence.output", {"classifier"}},
      {"token.output", {"classifier"}},
      {"question.output", {"qa_outputs"}}};
}

extern constinit const Family albert{
    .names = {"albert"},
    .classes = {"Albert"},
    .ends = kBertClasses,
    .tokenizers = {"AlbertTokenizer"},
    .task = HeadSpec::Task::masked,
    .spec = spec,
    .head = bert_head,
    .weights = weights,
    .ignored = {"albert.embeddings.position_ids", "albert.pooler.weight", "albert.pooler.bias",
                "predictions.decoder.bias", "sop_classifier.classifier.weight",
                "sop_classifier.classifier.bias"}};

}  // namespace loquor::models
