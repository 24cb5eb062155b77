// Qwen2, Qwen2.5 and DeepSeek-R1-Distill-Qwen: Llama with biases on q, k and v.
// https://arxiv.org/abs/2407.10671
#include "models/llama.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  set_defaults(config, {.positions = 32768, .key_value_heads = 32});
  ModelSpec spec = llama_spec(config);
  set_later_windows(config, spec);
  for (BlockSpec& block : spec.decoder->blocks) {
    block.attention.input_bias = true;
    block.attention.output_bias = false;
  }
  return spec;
}

extern constinit const Family qwen2{.names = {"qwen2"},
                                    .classes = {"Qwen2"},
                                    .ends = kLlamaClasses,
                                    .tokenizers = {"Qwen2Tokenizer"},
                                    .gguf = {{{.architecture = "qwen2"}}},
                                    .spec = spec,
                                    .weights = llama_weights,
                                    .spellings = kLlamaSpellings};

}  // namespace loquor::models
