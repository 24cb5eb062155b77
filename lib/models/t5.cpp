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

// GGUF files leave out what all models of a version have: of 1.0 a plain ReLU and a scaled head.
static void read_gguf_keys(Config& config) {
  const bool gated = config.boolean("is_gated_act", false);
  config.set_default("feed_forward_proj", gated ? "gated-gelu" : "relu");
  config.set_default("scale_decoder_outputs", !gated);
}

static ModelSpec spec(Config& config) {
  config.rename("hidden_size", "d_model");
  config.rename("num_hidden_layers", "num_layers");
  config.rename("num_attention_heads", "num_heads");
  config.rename("head_dim", "d_kv");
  config.rename("intermediate_size", "d_ff");
  config.rename("max_position_embeddings", "n_positions");
  config.rename("rms_norm_eps", "layer_norm_epsilon");
  if (config.gguf()) read_gguf_keys(config);
  for (const char* key :  // of training and the head, and what feed_forward_proj says too
       {"dropout_rate", "initializer_factor", "is_gated_act", "dense_act_fn", "n_positions",
        "is_encoder_decoder", "scale_decoder_outputs", "tie_word_embeddings"}) {
    config.value(key);
  }
  if (config.string("model_type", "t5") == "mt5") {
    config.set_default("feed_forward_proj", "gated-gelu");
    config.set_default("scale_decoder_outputs", false);
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
  const std::size_t layers = config.layers("num_layers");
  encoder.blocks.assign(layers, block);

  StackSpec& decoder = spec.decoder.emplace(encoder);
  decoder.causal = true;
  block.cross_attention = block.attention;
  decoder.blocks.assign(config.layers("num_decoder_layers", static_cast<std::int64_t>(layers)),
                        block);
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  if (task == Task::sequence) {
    return {.task = task,
            .pooling = HeadSpec::Pooling::last,
            .transform = HeadSpec::Transform{.activation = "tanh"},
            .bias = true};
  }
  if (task != Task::language) return {.task = task, .bias = true};
  // Tied whatever tie_word_embeddings says, unless the checkpoint has another head; what it says is
  // whether the outputs are scaled.
  HeadSpec head{.task = task, .tied = true};
  if (config.boolean("scale_decoder_outputs", config.boolean("tie_word_embeddings", true)))
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
      {"language.output", {"lm_head"}},
      {"sequence.transform", {"classification_head.dense"}},
      {"sequence.output", {"classification_head.out_proj"}},
      {"token.output", {"classifier"}},
      {"question.output", {"qa_outputs"}}};
}

static std::vector<WeightName> gguf_weights() {
  return {
      {"encoder.embedding.tokens", {"token_embd"}},
      {"encoder.relative_bias", {"enc.blk.0.attn_rel_b"}},
      {"encoder.blocks.*.attention.norm", {"enc.blk.*.attn_norm"}},
      {"encoder.blocks.*.attention.qkv",
       {"enc.blk.*.attn_q", "enc.blk.*.attn_k", "enc.blk.*.attn_v"}},
      {"encoder.blocks.*.attention.output", {"enc.blk.*.attn_o"}},
      {"encoder.blocks.*.feed_forward.norm", {"enc.blk.*.ffn_norm"}},
      {"encoder.blocks.*.feed_forward.in", {"enc.blk.*.ffn_up"}},
      {"encoder.blocks.*.feed_forward.gate_up", {"enc.blk.*.ffn_gate", "enc.blk.*.ffn_up"}},
      {"encoder.blocks.*.feed_forward.out", {"enc.blk.*.ffn_down"}},
      {"encoder.final_norm", {"enc.output_norm"}},
      {"decoder.embedding.tokens", {"token_embd"}},
      {"decoder.relative_bias", {"dec.blk.0.attn_rel_b"}},
      {"decoder.blocks.*.attention.norm", {"dec.blk.*.attn_norm"}},
      {"decoder.blocks.*.attention.qkv",
       {"dec.blk.*.attn_q", "dec.blk.*.attn_k", "dec.blk.*.attn_v"}},
      {"decoder.blocks.*.attention.output", {"dec.blk.*.attn_o"}},
      {"decoder.blocks.*.cross_attention.norm", {"dec.blk.*.cross_attn_norm"}},
      {"decoder.blocks.*.cross_attention.q", {"dec.blk.*.cross_attn_q"}},
      {"decoder.blocks.*.cross_attention.kv", {"dec.blk.*.cross_attn_k", "dec.blk.*.cross_attn_v"}},
      {"decoder.blocks.*.cross_attention.output", {"dec.blk.*.cross_attn_o"}},
      {"decoder.blocks.*.feed_forward.norm", {"dec.blk.*.ffn_norm"}},
      {"decoder.blocks.*.feed_forward.in", {"dec.blk.*.ffn_up"}},
      {"decoder.blocks.*.feed_forward.gate_up", {"dec.blk.*.ffn_gate", "dec.blk.*.ffn_up"}},
      {"decoder.blocks.*.feed_forward.out", {"dec.blk.*.ffn_down"}},
      {"decoder.final_norm", {"dec.output_norm"}},
      {"language.output", {"output"}}};
}

static constexpr ClassEnd kClasses[] = {{"Model"},
                                        {"EncoderModel", {}, true},
                                        {"ForConditionalGeneration", HeadSpec::Task::language},
                                        {"ForSequenceClassification", HeadSpec::Task::sequence},
                                        {"ForTokenClassification", HeadSpec::Task::token, true},
                                        {"ForQuestionAnswering", HeadSpec::Task::question}};

// Of the classifiers of texts and of tokens.
static constexpr Spelling kSpellings[] = {{"", "transformer."}};

extern constinit const Family t5{
    .names = {"t5", "mt5"},
    .classes = {"T5", "MT5"},
    .ends = kClasses,
    .tokenizers = {"T5Tokenizer", "MT5Tokenizer"},
    .gguf = {{{.architecture = "t5"},
              {.architecture = "t5encoder", .task = {}, .encoder_only = true}}},
    .spec = spec,
    .head = head,
    .weights = weights,
    .gguf_weights = gguf_weights,
    .spellings = kSpellings,
    .ignored = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight",
                "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
                "dec.blk.0.cross_attn_rel_b.weight"}};

}  // namespace loquor::models
