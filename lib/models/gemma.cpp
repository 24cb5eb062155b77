// Gemma: Llama with norm weights stored less one, a scaled embedding and a wide GELU.
// https://arxiv.org/abs/2403.08295
#include "models/gemma.h"

#include <cmath>

namespace loquor::models {

ModelSpec gemma_spec(Config& config) {
  config.set_default("tie_word_embeddings", true);
  config.set_default("head_dim", 256);
  ModelSpec spec = llama_spec(config);
  StackSpec& decoder = *spec.decoder;
  decoder.embedding.scale = std::sqrt(static_cast<double>(spec.width));
  decoder.final_norm.offset = config.gguf() ? 0 : 1;  // GGUF stores the sum
  for (BlockSpec& block : decoder.blocks) {
    block.attention_norm = block.feed_forward_norm = decoder.final_norm;
    // The first files say "gelu" and mean its approximation.
    std::string& activation = std::get<FeedForwardSpec>(block.feed_forward).activation;
    if (config.gguf() || activation == "gelu") activation = "gelu_pytorch_tanh";
  }
  config.require("use_bidirectional_attention", false);
  return spec;
}

static ModelSpec spec(Config& config) {
  set_defaults(config, {.positions = 8192, .key_value_heads = 16});
  config.set_default("hidden_act", "gelu_pytorch_tanh");
  config.value("hidden_activation");  // transformers does not look at it either
  return gemma_spec(config);
}

extern constinit const Family gemma{.names = {"gemma"},
                                    .classes = {"Gemma"},
                                    .tokenizers = {"GemmaTokenizer"},
                                    .gguf = {{{.architecture = "gemma"}}},
                                    .spec = spec,
                                    .weights = llama_weights};

}  // namespace loquor::models
