// RoBERTa, CamemBERT and XLM-RoBERTa: BERT whose positions begin after the padding id's.
// https://arxiv.org/abs/1907.11692
#include "models/bert.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  ModelSpec spec = bert_spec(config);
  EmbeddingSpec& embedding = spec.encoder->embedding;
  if (config.gguf()) return spec;  // its table begins with the first position's row
  embedding.first_position = config.integer("pad_token_id", 1) + 1;
  spec.positions -= embedding.first_position;
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  HeadSpec head = bert_head(config, task);
  if (task == HeadSpec::Task::masked) head.transform->activation = "gelu";
  return head;
}

static std::vector<WeightName> weights() {
  return {{"embedding.tokens", {"roberta.embeddings.word_embeddings"}},
          {"embedding.positions", {"roberta.embeddings.position_embeddings"}},
          {"embedding.types", {"roberta.embeddings.token_type_embeddings"}},
          {"embedding.norm", {"roberta.embeddings.LayerNorm"}},
          {"blocks.*.attention.qkv",
           {"roberta.encoder.layer.*.attention.self.query",
            "roberta.encoder.layer.*.attention.self.key",
            "roberta.encoder.layer.*.attention.self.value"}},
          {"blocks.*.attention.output", {"roberta.encoder.layer.*.attention.output.dense"}},
          {"blocks.*.attention.norm", {"roberta.encoder.layer.*.attention.output.LayerNorm"}},
          {"blocks.*.feed_forward.in", {"roberta.encoder.layer.*.intermediate.dense"}},
          {"blocks.*.feed_forward.out", {"roberta.encoder.layer.*.output.dense"}},
          {"blocks.*.feed_forward.norm", {"roberta.encoder.layer.*.output.LayerNorm"}},
          {"masked.transform", {"lm_head.dense"}},
          {"masked.norm", {"lm_head.layer_norm"}},
          {"masked.output", {"lm_head.decoder"}, false, "lm_head.bias"},
          {"sequence.transform", {"classifier.dense"}},
          {"sequence.output", {"classifier.out_proj"}},
          {"token.output", {"classifier"}},
          {"question.output", {"qa_outputs"}}};
}

extern constinit const Family roberta{
    .names = {"roberta", "camembert", "xlm-roberta"},
    .classes = {"Roberta", "Camembert", "XLMRoberta"},
    .ends = kEncoderClasses,
    .tokenizers = {"RobertaTokenizer", "CamembertTokenizer", "XLMRobertaTokenizer"},
    .gguf = {{{"bert", HeadSpec::Task::sequence, {"token_types.weight", "cls.output.weight"}}}},
    .task = HeadSpec::Task::masked,
    .spec = spec,
    .head = head,
    .weights = weights,
    .ignored = {"roberta.embeddings.position_ids", "roberta.pooler.dense.weight",
                "roberta.pooler.dense.bias", "lm_head.decoder.bias"}};

}  // namespace loquor::models
