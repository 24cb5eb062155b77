// DistilBERT: BERT without kinds of segment, under names of its own.
// https://arxiv.org/abs/1910.01108
#include "models/bert.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.rename("dim", "hidden_size");
  config.rename("n_layers", "num_hidden_layers");
  config.rename("n_heads", "num_attention_heads");
  config.rename("hidden_dim", "intermediate_size");
  config.rename("activation", "hidden_act");
  // How positions were made, which the checkpoint holds; and of training.
  for (const char* key :
       {"sinusoidal_pos_embds", "qa_dropout", "seq_classif_dropout", "tie_weights_"})
    config.value(key);
  ModelSpec spec = bert_spec(config);
  spec.encoder->embedding.types = 0;
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  HeadSpec head = bert_head(config, task);
  if (task == HeadSpec::Task::sequence) head.transform->activation = "relu";
  return head;
}

static std::vector<WeightName> weights() {
  return {{"embedding.tokens", {"distilbert.embeddings.word_embeddings"}},
          {"embedding.positions", {"distilbert.embeddings.position_embeddings"}},
          {"embedding.norm", {"distilbert.embeddings.LayerNorm"}},
          {"blocks.*.attention.qkv",
           {"distilbert.transformer.layer.*.attention.q_lin",
            "distilbert.transformer.layer.*.attention.k_lin",
            "distilbert.transformer.layer.*.attention.v_lin"}},
          {"blocks.*.attention.output", {"distilbert.transformer.layer.*.attention.out_lin"}},
          {"blocks.*.attention.norm", {"distilbert.transformer.layer.*.sa_layer_norm"}},
          {"blocks.*.feed_forward.in", {"distilbert.transformer.layer.*.ffn.lin1"}},
          {"blocks.*.feed_forward.out", {"distilbert.transformer.layer.*.ffn.lin2"}},
          {"blocks.*.feed_forward.norm", {"distilbert.transformer.layer.*.output_layer_norm"}},
          {"masked.transform", {"vocab_transform"}},
          {"masked.norm", {"vocab_layer_norm"}},
          {"masked.output", {"vocab_projector"}},
          {"sequence.transform", {"pre_classifier"}},
          {"sequence.output", {"classifier"}},
          {"token.output", {"classifier"}},
          {"question.output", {"qa_outputs"}}};
}

extern constinit const Family distilbert{
    .names = {"distilbert"},
    .classes = {"DistilBert"},
    .ends = kEncoderClasses,
    .tokenizers = {"DistilBertTokenizer"},
    .gguf = {{{"bert", {}, {"!token_types.weight", "!cls.output.weight"}},
              {"bert", HeadSpec::Task::sequence, {"!token_types.weight", "cls.output.weight"}}}},
    .task = HeadSpec::Task::masked,
    .spec = spec,
    .head = head,
    .weights = weights};

}  // namespace loquor::models
