// BERT: the encoder of the 2017 Transformer with learned positions and kinds of segment.
// https://arxiv.org/abs/1810.04805
#include "models/bert.h"

namespace loquor::models {

ModelSpec bert_spec(Config& config) {
  // Of TensorFlow's ancestor, which nothing looks at.
  for (const char* key : {"directionality", "pooler_fc_size", "pooler_num_attention_heads",
                          "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type"})
    config.value(key);
  config.require("position_embedding_type", "absolute");
  for (const char* key : {"attention_bias", "mlp_bias"}) config.require(key, true);
  config.rename("layer_norm_epsilon", "layer_norm_eps");
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("hidden_size");
  spec.positions = config.size("max_position_embeddings");

  StackSpec& encoder = spec.encoder.emplace();
  encoder.causal = false;
  BlockSpec block;
  block.placement = NormPlacement::post;
  block.attention_norm = {NormKind::layer, config.number("layer_norm_eps", 1e-12)};
  block.feed_forward_norm = encoder.embedding.norm = block.attention_norm;
  encoder.embedding.positions = EmbeddingSpec::LearnedPositions{};
  encoder.embedding.types = config.size("type_vocab_size", 2);
  block.attention.heads = block.attention.key_value_heads = config.size("num_attention_heads");
  block.attention.head_width = spec.width / block.attention.heads;
  block.attention.input_bias = block.attention.output_bias = true;
  block.feed_forward = FeedForwardSpec{.width = config.size("intermediate_size"),
                                       .activation = config.string("hidden_act", "gelu"),
                                       .bias = true};
  encoder.blocks.assign(config.layers("num_hidden_layers"), block);
  return spec;
}

HeadSpec bert_head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  HeadSpec head{.task = task, .bias = true};
  if (task == Task::masked) {
    head.transform = {.activation = config.string("hidden_act", "gelu"),
                      .norm = {NormKind::layer, config.number("layer_norm_eps", 1e-12)}};
    head.tied = config.boolean("tie_word_embeddings", true);
  } else if (task == Task::sequence) {
    head.pooling = HeadSpec::Pooling::first;
    head.transform = {.activation = "tanh"};
  }
  return head;
}

static std::vector<WeightName> weights() {
  return {{"embedding.tokens", {"bert.embeddings.word_embeddings"}},
          {"embedding.positions", {"bert.embeddings.position_embeddings"}},
          {"embedding.types", {"bert.embeddings.token_type_embeddings"}},
          {"embedding.norm", {"bert.embeddings.LayerNorm"}},
          {"blocks.*.attention.qkv",
           {"bert.encoder.layer.*.attention.self.query", "bert.encoder.layer.*.attention.self.key",
            "bert.encoder.layer.*.attention.self.value"}},
          {"blocks.*.attention.output", {"bert.encoder.layer.*.attention.output.dense"}},
          {"blocks.*.attention.norm", {"bert.encoder.layer.*.attention.output.LayerNorm"}},
          {"blocks.*.feed_forward.in", {"bert.encoder.layer.*.intermediate.dense"}},
          {"blocks.*.feed_forward.out", {"bert.encoder.layer.*.output.dense"}},
          {"blocks.*.feed_forward.norm", {"bert.encoder.layer.*.output.LayerNorm"}},
          {"masked.transform", {"cls.predictions.transform.dense"}},
          {"masked.norm", {"cls.predictions.transform.LayerNorm"}},
          {"masked.output", {"cls.predictions.decoder"}, false, "cls.predictions.bias"},
          {"sequence.transform", {"bert.pooler.dense"}},
          {"sequence.output", {"classifier"}},
          {"token.output", {"classifier"}},
          {"question.output", {"qa_outputs"}}};
}

extern constinit const Family bert{
    .names = {"bert"},
    .classes = {"Bert"},
    .ends = kBertClasses,
    .tokenizers = {"BertTokenizer"},
    .gguf = {{{"bert", {}, {"token_types.weight", "!cls.output.weight"}}}},
    .task = HeadSpec::Task::masked,
    .spec = bert_spec,
    .head = bert_head,
    .weights = weights,
    .ignored = {"bert.embeddings.position_ids", "bert.pooler.dense.weight",
                "bert.pooler.dense.bias", "cls.predictions.decoder.bias",
                "cls.seq_relationship.weight", "cls.seq_relationship.bias"}};

}  // namespace loquor::models
