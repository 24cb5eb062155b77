// Gemma 2: Gemma with norms after the sublayers too, soft caps, and a window in every other layer.
// https://arxiv.org/abs/2408.00118
#include <cmath>

#include "models/gemma.h"

namespace loquor::models {

ModelSpec sandwiched_gemma_spec(Config& config, std::int64_t period) {
  config.set_default("hidden_activation", "gelu_pytorch_tanh");
  ModelSpec spec = gemma_spec(config);
  const double soft_cap = config.number("attn_logit_softcapping", 0.0);
  const std::int64_t window = config.integer("sliding_window", 4096);
  const AttentionSpec& first = spec.decoder->blocks.front().attention;
  // GGUF leaves it out: it is the head width but in the largest model of each generation.
  const std::size_t layers = spec.decoder->blocks.size();
  const bool largest = config.gguf() && (layers == 46 || layers == 62);
  const std::int64_t scalar = largest ? spec.width / first.heads : first.head_width;
  const double query_scalar =
      config.number("query_pre_attn_scalar", config.gguf() ? static_cast<double>(scalar) : 256.0);
  for (std::size_t i = 0; i < spec.decoder->blocks.size(); ++i) {
    BlockSpec& block = spec.decoder->blocks[i];
    block.placement = NormPlacement::sandwich;
    std::get<FeedForwardSpec>(block.feed_forward).activation = config.string("hidden_activation");
    block.attention.scale = 1 / std::sqrt(query_scalar);
    block.attention.soft_cap = soft_cap;
    const bool windowed = (static_cast<std::int64_t>(i) + 1) % period != 0;
    if (is_windowed(config, i, windowed)) block.attention.window = window;
  }
  return spec;
}

HeadSpec capped_head(Config& config, HeadSpec::Task task) {
  HeadSpec head = decoder_head(config, task);
  const double soft_cap = config.number("final_logit_softcapping", 0.0);
  if (task == HeadSpec::Task::language) head.soft_cap = soft_cap;
  return head;
}

std::vector<WeightName> sandwiched_gemma_weights() {
  return with(llama_weights(),
              {{"blocks.*.attention.post_norm", {"model.layers.*.post_attention_layernorm"}},
               {"blocks.*.feed_forward.norm", {"model.layers.*.pre_feedforward_layernorm"}},
               {"blocks.*.feed_forward.post_norm", {"model.layers.*.post_feedforward_layernorm"}},
               {"blocks.*.attention.q_norm", {"model.layers.*.self_attn.q_norm"}},
               {"blocks.*.attention.k_norm", {"model.layers.*.self_attn.k_norm"}}});
}

static ModelSpec spec(Config& config) {
  set_defaults(config, {.positions = 8192, .key_value_heads = 4});
  config.set_default("attn_logit_softcapping", 50.0);
  config.set_default("final_logit_softcapping", 30.0);
  config.value("sliding_window_size");  // transformers does not look at it either
  return sandwiched_gemma_spec(config, 2);
}

extern constinit const Family gemma2{.names = {"gemma2"},
                                     .classes = {"Gemma2"},
                                     .tokenizers = {"GemmaTokenizer"},
                                     .gguf = {{{.architecture = "gemma2"}}},
                                     .spec = spec,
                                     .head = capped_head,
                                     .weights = sandwiched_gemma_weights};

}  // namespace loquor::models
