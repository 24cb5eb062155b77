// GPT-2: learned positions, LayerNorm, one matrix for q, k and v, weights stored (inputs, outputs).
// https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.rename("n_embd", "hidden_size");
  config.rename("n_head", "num_attention_heads");
  config.rename("n_layer", "num_hidden_layers");
  config.rename("n_positions", "max_position_embeddings");
  config.rename("n_inner", "intermediate_size");
  config.rename("activation_function", "hidden_act");
  config.require("scale_attn_weights", true);
  config.require("attention_bias", true);
  config.require("mlp_bias", true);
  config.require("norm_bias", true);
  config.require("scale_attn_by_inverse_layer_idx", false);
  // Of the order of operations in half precision, and of heads that we do not build.
  for (const char* key : {"reorder_and_upcast_attn", "n_ctx", "summary_type", "summary_use_proj",
                          "summary_activation", "summary_proj_to_labels", "summary_first_dropout",
                          "n_special", "predict_special_tokens"}) {
    config.value(key);
  }

  ModelSpec spec;
  spec.vocabulary = config.size("vocab_size");
  spec.width = config.size("hidden_size");
  spec.positions = config.size("max_position_embeddings");

  StackSpec& decoder = spec.decoder.emplace();
  decoder.embedding.positions = EmbeddingSpec::LearnedPositions{};
  decoder.final_norm = {NormKind::layer, config.number("layer_norm_epsilon", 1e-5)};
  BlockSpec block;
  block.attention_norm = block.feed_forward_norm = decoder.final_norm;
  block.attention.heads = block.attention.key_value_heads = config.size("num_attention_heads");
  block.attention.head_width = spec.width / block.attention.heads;
  block.attention.input_bias = block.attention.output_bias = true;
  block.feed_forward = FeedForwardSpec{.width = config.size("intermediate_size", 4 * spec.width),
                                       .activation = config.string("hidden_act", "gelu_new"),
                                       .gated = false,
                                       .bias = true};
  decoder.blocks.assign(config.layers("num_hidden_layers"), block);
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  HeadSpec head = decoder_head(config, task);
  if (task == HeadSpec::Task::language) head.tied = config.boolean("tie_word_embeddings", true);
  return head;
}

static std::vector<WeightName> weights() {
  return {{"embedding.tokens", {"transformer.wte"}},
          {"embedding.positions", {"transformer.wpe"}},
          {"blocks.*.attention.norm", {"transformer.h.*.ln_1"}},
          {"blocks.*.attention.qkv", {"transformer.h.*.attn.c_attn"}, true},
          {"blocks.*.attention.output", {"transformer.h.*.attn.c_proj"}, true},
          {"blocks.*.feed_forward.norm", {"transformer.h.*.ln_2"}},
          {"blocks.*.feed_forward.in", {"transformer.h.*.mlp.c_fc"}, true},
          {"blocks.*.feed_forward.out", {"transformer.h.*.mlp.c_proj"}, true},
          {"final_norm", {"transformer.ln_f"}},
          {"language.output", {"lm_head"}},
          {"sequence.output", {"score"}},
          {"token.output", {"classifier"}},
          {"question.output", {"qa_outputs"}}};
}

static constexpr ClassEnd kClasses[] = {{"Model"},
                                        {"LMHeadModel", HeadSpec::Task::language},
                                        {"ForSequenceClassification", HeadSpec::Task::sequence},
                                        {"ForTokenClassification", HeadSpec::Task::token},
                                        {"ForQuestionAnswering", HeadSpec::Task::question}};

extern constinit const Family gpt2{
    .names = {"gpt2"},
    .classes = {"GPT2"},
    .ends = kClasses,
    .tokenizers = {"GPT2Tokenizer"},
    .gguf = {{{.architecture = "gpt2"}}},
    .spec = spec,
    .head = head,
    .weights = weights,
    .ignored = {"transformer.h.*.attn.bias", "transformer.h.*.attn.masked_bias"}};

}  // namespace loquor::models
