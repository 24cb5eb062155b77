// Qwen2, Qwen2.5 and DeepSeek-R1-Distill-Qwen: Llama with biases on q, k and v.
// https://arxiv.org/abs/2407.10671
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  ModelSpec spec = llama_spec(config);
  const std::int64_t window = config.integer("sliding_window", 4096);
  const bool windows = config.boolean("use_sliding_window", false);
  const std::int64_t full_layers = config.integer("max_window_layers", 28);
  const Json& types = config.value("layer_types");
  for (std::size_t i = 0; i < spec.decoder->blocks.size(); ++i) {
    AttentionSpec& attention = spec.decoder->blocks[i].attention;
    attention.input_bias = true;
    bool windowed = static_cast<std::int64_t>(i) >= full_layers;
    if (i < types.size()) windowed = types.as_array()[i] == Json("sliding_attention");
    attention.window = windows && windowed ? window : 0;
  }
  return spec;
}

extern constinit const Family qwen2{.names = {"qwen2"},
                                    .classes = {"Qwen2"},
                                    .gguf = "qwen2",
                                    .spec = spec,
                                    .weights = llama_weights,
                                    .gguf_weights = gguf_decoder_names};

}  // namespace loquor::models
