// BART: the 2017 Transformer with learned positions, GELU, and a norm after the embedding.
// https://arxiv.org/abs/1910.13461
#include "models/bart.h"

#include <cmath>

namespace loquor::models {

static StackSpec stack(Config& config, const std::string& side, const BlockSpec& common,
                       std::int64_t width) {
  StackSpec stack;
  stack.causal = side == "decoder";
  BlockSpec block = common;
  block.attention.heads = block.attention.key_value_heads = config.size(side + "_attention_heads");
  block.attention.head_width = width / block.attention.heads;
  block.attention.input_bias = block.attention.output_bias = true;
  if (stack.causal) block.cross_attention = block.attention;
  std::get<FeedForwardSpec>(block.feed_forward).width = config.size(side + "_ffn_dim");
  stack.blocks.assign(config.layers(side + "_layers"), block);
  return stack;
}

ModelSpec bart_spec(Config& config) {
  for (const char* key :  // of training, and what the sizes above say too
       {"encoder_layerdrop", "decoder_layerdrop", "activation_dropout", "init_std",
        "num_hidden_layers", "is_encoder_decoder", "classif_dropout",
        "share_encoder_decoder_embeddings", "decoder_vocab_size"}) {
    config.value(key);
  }
  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("d_model");
  spec.positions = config.size("max_position_embeddings", 1024);

  BlockSpec block;
  block.placement = NormPlacement::post;
  block.attention_norm = {NormKind::layer, 1e-5};
  block.cross_attention_norm = block.feed_forward_norm = block.attention_norm;
  block.feed_forward =
      FeedForwardSpec{.activation = config.string("activation_function", "gelu"), .bias = true};
  spec.encoder = stack(config, "encoder", block, spec.width);
  spec.decoder = stack(config, "decoder", block, spec.width);
  if (config.boolean("scale_embedding", false)) {
    const double scale = std::sqrt(static_cast<double>(spec.width));
    spec.encoder->embedding.scale = spec.decoder->embedding.scale = scale;
  }
  return spec;
}

ModelSpec pre_norm_bart_spec(Config& config) {
  ModelSpec spec = bart_spec(config);
  for (StackSpec* stack : {&*spec.encoder, &*spec.decoder}) {
    stack->final_norm = stack->blocks.front().attention_norm;
    for (BlockSpec& block : stack->blocks) block.placement = NormPlacement::pre;
  }
  return spec;
}

void set_positions(ModelSpec& spec, const decltype(EmbeddingSpec::positions)& positions,
                   std::int64_t first_position) {
  for (StackSpec* stack : {&*spec.encoder, &*spec.decoder}) {
    stack->embedding.positions = positions;
    stack->embedding.first_position = first_position;
  }
}

void require_first_names(Config& config, bool norms_before, bool embedding_norm,
                         bool computed_positions) {
  config.require("normalize_before", norms_before);
  config.require("add_final_layer_norm", norms_before);
  config.require("normalize_embedding", embedding_norm);
  config.require("static_position_embeddings", computed_positions);
  config.require("add_bias_logits", false);
  for (const char* key : {"extra_pos_embeddings", "force_bos_token_to_be_generated"})
    config.value(key);
}

static ModelSpec spec(Config& config) {
  require_first_names(config, false, true, false);
  config.require("do_blenderbot_90_layernorm", false);
  for (const char* key :  // of distilling, and of KoBART
       {"replacing_rate", "save_step", "kobart_version"})
    config.value(key);
  ModelSpec spec = bart_spec(config);
  set_positions(spec, EmbeddingSpec::LearnedPositions{}, 2);
  spec.encoder->embedding.norm = spec.decoder->embedding.norm = {NormKind::layer, 1e-5};
  return spec;
}

HeadSpec bart_head(Config& config, HeadSpec::Task task) {
  if (task == HeadSpec::Task::language)
    return {.task = task, .tied = config.boolean("tie_word_embeddings", true), .bias = true};
  if (task == HeadSpec::Task::sequence) {
    return {.task = task,
            .pooling = HeadSpec::Pooling::last,
            .transform = HeadSpec::Transform{.activation = "tanh"},
            .bias = true};
  }
  return {.task = task, .bias = true};
}

std::vector<WeightName> bart_weights() {
  return {
      {"encoder.embedding.tokens", {"model.shared"}},
      {"encoder.embedding.positions", {"model.encoder.embed_positions"}},
      {"encoder.embedding.norm", {"model.encoder.layernorm_embedding"}},
      {"encoder.blocks.*.attention.qkv",
       {"model.encoder.layers.*.self_attn.q_proj", "model.encoder.layers.*.self_attn.k_proj",
        "model.encoder.layers.*.self_attn.v_proj"}},
      {"encoder.blocks.*.attention.output", {"model.encoder.layers.*.self_attn.out_proj"}},
      {"encoder.blocks.*.attention.norm", {"model.encoder.layers.*.self_attn_layer_norm"}},
      {"encoder.blocks.*.feed_forward.in", {"model.encoder.layers.*.fc1"}},
      {"encoder.blocks.*.feed_forward.out", {"model.encoder.layers.*.fc2"}},
      {"encoder.blocks.*.feed_forward.norm", {"model.encoder.layers.*.final_layer_norm"}},
      {"encoder.final_norm", {"model.encoder.layer_norm"}},
      {"decoder.embedding.tokens", {"model.shared"}},
      {"decoder.embedding.positions", {"model.decoder.embed_positions"}},
      {"decoder.embedding.norm", {"model.decoder.layernorm_embedding"}},
      {"decoder.blocks.*.attention.qkv",
       {"model.decoder.layers.*.self_attn.q_proj", "model.decoder.layers.*.self_attn.k_proj",
        "model.decoder.layers.*.self_attn.v_proj"}},
      {"decoder.blocks.*.attention.output", {"model.decoder.layers.*.self_attn.out_proj"}},
      {"decoder.blocks.*.attention.norm", {"model.decoder.layers.*.self_attn_layer_norm"}},
      {"decoder.blocks.*.cross_attention.q", {"model.decoder.layers.*.encoder_attn.q_proj"}},
      {"decoder.blocks.*.cross_attention.kv",
       {"model.decoder.layers.*.encoder_attn.k_proj",
        "model.decoder.layers.*.encoder_attn.v_proj"}},
      {"decoder.blocks.*.cross_attention.output", {"model.decoder.layers.*.encoder_attn.out_proj"}},
      {"decoder.blocks.*.cross_attention.norm", {"model.decoder.layers.*.encoder_attn_layer_norm"}},
      {"decoder.blocks.*.feed_forward.in", {"model.decoder.layers.*.fc1"}},
      {"decoder.blocks.*.feed_forward.out", {"model.decoder.layers.*.fc2"}},
      {"decoder.blocks.*.feed_forward.norm", {"model.decoder.layers.*.final_layer_norm"}},
      {"decoder.final_norm", {"model.decoder.layer_norm"}},
      {"language.output", {"lm_head"}, false, "final_logits_bias"},
      {"sequence.transform", {"classification_head.dense"}},
      {"sequence.output", {"classification_head.out_proj"}},
      {"question.output", {"qa_outputs"}}};
}

extern constinit const Family bart{
    .names = {"bart"},
    .classes = {"Bart"},
    .ends = kBartClasses,
    .tokenizers = {"BartTokenizer"},
    .spec = spec,
    .head = bart_head,
    .weights = bart_weights,
    .ignored = {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}};

}  // namespace loquor::models
