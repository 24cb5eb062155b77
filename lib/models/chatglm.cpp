// ChatGLM2, ChatGLM3 and GLM-4 as first published: GLM under names of its own.
// https://github.com/THUDM/ChatGLM3
#include "models/glm.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  config.rename("num_layers", "num_hidden_layers");
  config.rename("padded_vocab_size", "vocab_size");
  config.rename("ffn_hidden_size", "intermediate_size");
  config.rename("kv_channels", "head_dim");
  config.rename("seq_length", "max_position_embeddings");
  config.rename("layernorm_epsilon", "rms_norm_eps");
  config.rename("multi_query_group_num", "num_key_value_heads");
  config.rename("add_qkv_bias", "attention_bias");
  config.require("multi_query_attention", true);
  config.require("rmsnorm", true);
  config.require("post_layer_norm", true);
  config.require("add_bias_linear", false);
  config.require("apply_residual_connection_post_layernorm", false);
  config.require("original_rope", true);
  config.require("quantization_bit", 0);
  config.require("pre_seq_len", nullptr);
  for (const char* key :  // of kernels and precision
       {"bias_dropout_fusion", "attention_softmax_in_fp32", "fp32_residual_connection",
        "apply_query_key_layer_scaling", "prefix_projection"}) {
    config.value(key);
  }
  config.set_default("rope_theta", 10000 * config.number("rope_ratio", 1.0));
  return glm_spec(config);
}

static std::vector<WeightName> weights() {
  return {
      {"embedding.tokens", {"transformer.embedding.word_embeddings"}},
      {"blocks.*.attention.norm", {"transformer.encoder.layers.*.input_layernorm"}},
      {"blocks.*.attention.qkv", {"transformer.encoder.layers.*.self_attention.query_key_value"}},
      {"blocks.*.attention.output", {"transformer.encoder.layers.*.self_attention.dense"}},
      {"blocks.*.feed_forward.norm", {"transformer.encoder.layers.*.post_attention_layernorm"}},
      {"blocks.*.feed_forward.gate_up", {"transformer.encoder.layers.*.mlp.dense_h_to_4h"}},
      {"blocks.*.feed_forward.out", {"transformer.encoder.layers.*.mlp.dense_4h_to_h"}},
      {"final_norm", {"transformer.encoder.final_layernorm"}},
      {"language.output", {"transformer.output_layer"}}};
}

static constexpr ClassEnd kClasses[] = {  // both have the head
    {"Model", HeadSpec::Task::language},
    {"ForConditionalGeneration", HeadSpec::Task::language}};

extern constinit const Family chatglm{.names = {"chatglm"},
                                      .classes = {"ChatGLM"},
                                      .ends = kClasses,
                                      .tokenizers = {"ChatGLMTokenizer"},
                                      .spec = spec,
                                      .weights = weights,
                                      .ignored = {"transformer.rotary_pos_emb.inv_freq"}};

}  // namespace loquor::models
