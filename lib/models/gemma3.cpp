// Gemma 3's text model: Gemma 2 with norms on the heads of q and k, five windows to one full layer,
// and a rotation of its own for each kind. https://arxiv.org/abs/2503.19786
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

static ModelSpec spec(Config& config) {
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

extern constinit const Family gemma3{.names = {"gemma3_text"},
                                     .classes = {"Gemma3ForCausalLM", "Gemma3Text"},
                                     .tokenizers = {"GemmaTokenizer"},
                                     .gguf = {{{.architecture = "gemma3"}}},
                                     .spec = spec,
                                     .head = capped_head,
                                     .weights = sandwiched_gemma_weights};

}  // namespace loquor::models
