// Gemma 3's text model: Gemma 2 with norms on the heads of q and k, five windows to one full layer,
// and a rotation of its own for each kind. https://arxiv.org/abs/2503.19786
#include <utility>

#include "models/gemma.h"

namespace loquor::models {

// Files before transformers 5 tell the two rotations apart by names of their own, and scale only
// that of the full layers.
static RopeSpec rope(Config& config, bool windowed, const ModelSpec& spec) {
  const std::int64_t width = spec.decoder->blocks.front().attention.head_width;
  const double local = config.number("rope_local_base_freq", 10000.0);
  if (config.has("rope_parameters") || !windowed)
    return rope_spec(config, width, spec.positions,
                     windowed ? "sliding_attention" : "full_attention");
  RopeSpec rope;
  rope.theta = local;
  return rope;
}

static ModelSpec text_spec(Config& config) {
  set_defaults(config, {.positions = 131072, .key_value_heads = 4});
  config.set_default("rope_theta", 1000000.0);
  config.value("_sliding_window_pattern");
  ModelSpec spec = sandwiched_gemma_spec(config, config.integer("sliding_window_pattern", 6));
  const RopeSpec local = rope(config, true, spec), global = rope(config, false, spec);
  for (BlockSpec& block : spec.decoder->blocks) {
    block.attention.head_norm = block.attention_norm;
    block.attention.rope = block.attention.window > 0 ? local : global;
  }
  return spec;
}

// The text model within the one that sees images too, whose config leaves out what it has by
// default.
static Config& text_config(Config& config) {
  Config* text = config.section("text_config");
  if (!text) return config;
  config.require("tie_word_embeddings", true);
  for (const char* key :  // of images, which never come in
       {"vision_config", "mm_tokens_per_image", "image_token_index", "image_token_id",
        "boi_token_index", "eoi_token_index"}) {
    config.value(key);
  }
  const std::pair<const char*, std::int64_t> defaults[] = {{"vocab_size", 262208},
                                                           {"hidden_size", 2304},
                                                           {"intermediate_size", 9216},
                                                           {"num_hidden_layers", 26},
                                                           {"num_attention_heads", 8}};
  for (const auto& [key, value] : defaults) text->set_default(key, value);
  return *text;
}

static ModelSpec spec(Config& config) { return text_spec(text_config(config)); }

static HeadSpec head(Config& config, HeadSpec::Task task) {
  Config& text = text_config(config);
  HeadSpec head = capped_head(text, task);
  if (&text != &config) head.soft_cap = 0;  // which that class leaves out
  return head;
}

static constexpr ClassEnd kClasses[] = {
    {"Model"},
    {"TextModel"},
    {"ForCausalLM", HeadSpec::Task::language},
    {"ForConditionalGeneration", HeadSpec::Task::language},
    {"ForSequenceClassification", HeadSpec::Task::sequence},
    {"TextForSequenceClassification", HeadSpec::Task::sequence}};

// Of the model that sees images too, before transformers 4.52 and after.
static constexpr Spelling kSpellings[] = {{"model.", "language_model.model."},
                                          {"lm_head.", "language_model.lm_head."},
                                          {"model.", "model.language_model."}};

extern constinit const Family gemma3{
    .names = {"gemma3_text", "gemma3"},
    .classes = {"Gemma3"},
    .ends = kClasses,
    .tokenizers = {"GemmaTokenizer", "GemmaTokenizer"},
    .gguf = {{{.architecture = "gemma3"}}},
    .spec = spec,
    .head = head,
    .weights = sandwiched_gemma_weights,
    .spellings = kSpellings,
    .ignored = {"model.vision_tower.**", "model.multi_modal_projector.**"}};

}  // namespace loquor::models
