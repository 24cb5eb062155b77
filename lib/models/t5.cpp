// T5 1.0, 1.1 (Flan-T5) and mT5: relative positions, RMSNorm, no biases, scores that are not
// scaled. https://arxiv.org/abs/1910.10683
#include <cmath>

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

static FeedForwardSpec feed_forward(Config& config) {
  FeedForwardSpec spec{.width = config.size("d_ff"),
                       .activation = config.string("feed_forward_proj", "relu")};
  if (spec.activation.starts_with("gated-")) {
    spec.gated = true;
    spec.activation.erase(0, 6);
    if (spec.activation == "gelu") spec.activation = "gelu_new";  // as T5 1.1 means it
  }
  return spec;
}

static ModelSpec spec(Config& config) {
  for (const char* key :  // of training and the head, and what feed_forward_proj says too
       {"dropout_rate", "initializer_factor", "is_gated_act", "dense_act_fn", "n_positions",
        "output_past", "is_encoder_decoder", "tokenizer_class", "scale_decoder_outputs"}) {
    config.value(key);
  }
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("d_model");
  spec.positions = 1 << 20;  // relative positions know no end

  BlockSpec block;
  block.attention_norm = {NormKind::rms, config.number("layer_norm_epsilon", 1e-6)};
  block.feed_forward_norm = block.cross_attention_norm = block.attention_norm;
  block.attention.heads = block.attention.key_value_heads = config.size("num_heads");
  block.attention.head_width = config.size("d_kv");
  block.attention.scale = 1;
  block.feed_forward = feed_forward(config);

  StackSpec& encoder = spec.encoder.emplace();
  encoder.causal = false;
  encoder.relative_bias = {config.size("relative_attention_num_buckets", 32),
                           config.size("relative_attention_max_distance", 128)};
  encoder.final_norm = block.attention_norm;
  const std::int64_t layers = config.size("num_layers");
  encoder.blocks.assign(static_cast<std::size_t>(layers), block);

  StackSpec& decoder = spec.decoder.emplace(encoder);
  decoder.causal = true;
  block.cross_attention = block.attention;
  decoder.blocks.assign(static_cast<std::size_t>(config.size("num_decoder_layers", layers)), block);
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  if (task != HeadSpec::Task::language)
    fail(Code::unsupported, config.source(), ": T5 with a classifier is not built");
  HeadSpec head{.task = task, .tied = config.boolean("tie_word_embeddings", true)};
  if (config.boolean("scale_decoder_outputs", head.tied))
    head.scale = 1 / std::sqrt(static_cast<double>(config.size("d_model")));
  return head;
}

static std::vector<WeightName> weights() {
  return {
      {"encoder.embedding.tokens", {"shared"}},
      {"encoder.relative_bias", {"encoder.block.0.layer.0.SelfAttention.relative_attention_bias"}},
      {"encoder.blocks.*.attention.norm", {"encoder.block.*.layer.0.layer_norm"}},
      {"encoder.blocks.*.attention.qkv",
       {"encoder.block.*.layer.0.SelfAttention.q", "encoder.block.*.layer.0.SelfAttention.k",
        "encoder.block.*.layer.0.SelfAttention.v"}},
      {"encoder.blocks.*.attention.output", {"encoder.block.*.layer.0.SelfAttention.o"}},
      {"encoder.blocks.*.feed_forward.norm", {"encoder.block.*.layer.1.layer_norm"}},
      {"encoder.blocks.*.feed_forward.in", {"encoder.block.*.layer.1.DenseReluDense.wi"}},
      {"encoder.blocks.*.feed_forward.gate_up",
       {"encoder.block.*.layer.1.DenseReluDense.wi_0",
        "encoder.block.*.layer.1.DenseReluDense.wi_1"}},
      {"encoder.blocks.*.feed_forward.out", {"encoder.block.*.layer.1.DenseReluDense.wo"}},
      {"encoder.final_norm", {"encoder.final_layer_norm"}},
      {"decoder.embedding.tokens", {"shared"}},
      {"decoder.relative_bias", {"decoder.block.0.layer.0.SelfAttention.relative_attention_bias"}},
      {"decoder.blocks.*.attention.norm", {"decoder.block.*.layer.0.layer_norm"}},
      {"decoder.blocks.*.attention.qkv",
       {"decoder.block.*.layer.0.SelfAttention.q", "decoder.block.*.layer.0.SelfAttention.k",
        "decoder.block.*.layer.0.SelfAttention.v"}},
      {"decoder.blocks.*.attention.output", {"decoder.block.*.layer.0.SelfAttention.o"}},
      {"decoder.blocks.*.cross_attention.norm", {"decoder.block.*.layer.1.layer_norm"}},
      {"decoder.blocks.*.cross_attention.q", {"decoder.block.*.layer.1.EncDecAttention.q"}},
      {"decoder.blocks.*.cross_attention.kv",
       {"decoder.block.*.layer.1.EncDecAttention.k", "decoder.block.*.layer.1.EncDecAttention.v"}},
      {"decoder.blocks.*.cross_attention.output", {"decoder.block.*.layer.1.EncDecAttention.o"}},
      {"decoder.blocks.*.feed_forward.norm", {"decoder.block.*.layer.2.layer_norm"}},
      {"decoder.blocks.*.feed_forward.in", {"decoder.block.*.layer.2.DenseReluDense.wi"}},
      {"decoder.blocks.*.feed_forward.gate_up",
       {"decoder.block.*.layer.2.DenseReluDense.wi_0",
        "decoder.block.*.layer.2.DenseReluDense.wi_1"}},
      {"decoder.blocks.*.feed_forward.out", {"decoder.block.*.layer.2.DenseReluDense.wo"}},
      {"decoder.final_norm", {"decoder.final_layer_norm"}},
      {"language.output", {"lm_head"}}};
}

extern constinit const Family t5{
    .names = {"t5", "mt5"},
    .classes = {"T5", "MT5"},
    .tokenizers = {"T5Tokenizer", "MT5Tokenizer"},
    .spec = spec,
    .head = head,
    .weights = weights,
    .ignored = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight",
                "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"}};

}  // namespace loquor::models
