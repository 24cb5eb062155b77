// ModernBERT: an encoder with rotary positions, gates, no biases, and windows in most layers.
// https://arxiv.org/abs/2412.13663
#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

// Files before transformers 5 tell the two rotations apart by names of their own.
static RopeSpec rope(Config& config, bool global, std::int64_t head_width, std::int64_t positions) {
  RopeSpec rope =
      rope_spec(config, head_width, positions, global ? "full_attention" : "sliding_attention");
  if (!config.has("rope_parameters"))
    rope.theta = global ? config.number("global_rope_theta", 160000.0)
                        : config.number("local_rope_theta", 10000.0);
  return rope;
}

static ModelSpec spec(Config& config) {
  for (const char* key :  // of training, of other kernels, and of heads
       {"embedding_dropout", "mlp_dropout", "deterministic_flash_attn", "sparse_prediction",
        "sparse_pred_ignore_index", "reference_compile", "repad_logits_with_grad",
        "initializer_cutoff_factor", "global_rope_theta", "local_rope_theta", "classifier_pooling",
        "classifier_activation", "classifier_bias", "decoder_bias", "layer_norm_eps",
        "position_embedding_type"}) {
    config.value(key);
  }
  config.require("position_embedding_type", "absolute");  // of BERT, and so is layer_norm_eps
  config.rename("layer_norm_epsilon", "norm_eps");
  config.rename("rms_norm_eps", "norm_eps");
  config.rename("sliding_window", "local_attention");
  config.rename("sliding_window_pattern", "global_attn_every_n_layers");
  config.rename("rope_theta", "global_rope_theta");
  config.rename("rope_local_base_freq", "local_rope_theta");
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("hidden_size");
  spec.positions = config.size("max_position_embeddings", 8192);

  StackSpec& encoder = spec.encoder.emplace();
  encoder.causal = false;
  encoder.final_norm = {NormKind::layer, config.number("norm_eps", 1e-5),
                        config.boolean("norm_bias", false)};
  encoder.embedding.norm = encoder.final_norm;
  BlockSpec block;
  block.attention_norm = block.feed_forward_norm = encoder.final_norm;
  AttentionSpec& attention = block.attention;
  attention.heads = attention.key_value_heads = config.size("num_attention_heads");
  attention.head_width = spec.width / attention.heads;
  attention.input_bias = attention.output_bias = config.boolean("attention_bias", false);
  block.feed_forward = FeedForwardSpec{.width = config.size("intermediate_size"),
                                       .activation = config.string("hidden_activation", "gelu"),
                                       .gated = true,
                                       .bias = config.boolean("mlp_bias", false)};
  encoder.blocks.assign(config.layers("num_hidden_layers"), block);

  const std::int64_t local = config.integer("local_attention", 128);
  const std::int64_t every = config.size("global_attn_every_n_layers", 3);
  const Json& types = config.value("layer_types");
  for (std::size_t i = 0; i < encoder.blocks.size(); ++i) {
    bool global = static_cast<std::int64_t>(i) % every == 0;
    if (i < types.size()) global = types.as_array()[i] == Json("full_attention");
    AttentionSpec& own = encoder.blocks[i].attention;
    own.window = global ? 0 : local / 2 + 1;
    own.rope = rope(config, global, own.head_width, spec.positions);
  }
  encoder.blocks[0].attention_norm = {};  // the embedding's norm has come just before
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  HeadSpec head{.task = task, .bias = true};
  const std::string pooling = config.string("classifier_pooling", config.gguf() ? "mean" : "cls");
  head.transform = {.activation = config.string("classifier_activation", "gelu"),
                    .bias = config.boolean("classifier_bias", false),
                    .norm = {NormKind::layer, config.number("norm_eps", 1e-5),
                             config.boolean("norm_bias", false)}};
  if (task == Task::masked) {
    head.tied = config.boolean("tie_word_embeddings", true);
    head.bias = config.boolean("decoder_bias", true);
  } else if (task == Task::sequence) {
    head.pooling = pooling == "mean" ? HeadSpec::Pooling::mean : HeadSpec::Pooling::first;
  }
  return head;
}

static std::vector<WeightName> weights() {
  std::vector<WeightName> names = {{"embedding.tokens", {"model.embeddings.tok_embeddings"}},
                                   {"embedding.norm", {"model.embeddings.norm"}},
                                   {"blocks.*.attention.norm", {"model.layers.*.attn_norm"}},
                                   {"blocks.*.attention.qkv", {"model.layers.*.attn.Wqkv"}},
                                   {"blocks.*.attention.output", {"model.layers.*.attn.Wo"}},
                                   {"blocks.*.feed_forward.norm", {"model.layers.*.mlp_norm"}},
                                   {"blocks.*.feed_forward.gate_up", {"model.layers.*.mlp.Wi"}},
                                   {"blocks.*.feed_forward.out", {"model.layers.*.mlp.Wo"}},
                                   {"final_norm", {"model.final_norm"}},
                                   {"masked.output", {"decoder"}},
                                   {"sequence.output", {"classifier"}},
                                   {"token.output", {"classifier"}},
                                   {"question.output", {"classifier"}}};
  for (const char* transform :
       {"masked.transform", "sequence.transform", "token.transform", "question.transform"})
    names.push_back({transform, {"head.dense"}});
  for (const char* norm : {"masked.norm", "sequence.norm", "token.norm", "question.norm"})
    names.push_back({norm, {"head.norm"}});
  return names;
}

extern constinit const Family modernbert{
    .names = {"modernbert"},
    .classes = {"ModernBert"},
    .ends = kEncoderClasses,
    .gguf = {{{"modern-bert", {}, {"!cls.output.weight"}},
              {"modern-bert", HeadSpec::Task::sequence, {"cls.output.weight"}}}},
    .task = HeadSpec::Task::masked,
    .spec = spec,
    .head = head,
    .weights = weights};

}  // namespace loquor::models
