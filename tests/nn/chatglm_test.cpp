// ChatGLM2 and 3 have GLM's architecture under names of their own: a golden GLM, renamed.
#include <doctest/doctest.h>

#include <map>

#include "golden_copy.h"

namespace loquor {
namespace {

using tests::Copy;

// (theirs, GLM's)
const std::map<std::string, std::string> kKeys = {{"num_layers", "num_hidden_layers"},
                                                  {"padded_vocab_size", "vocab_size"},
                                                  {"ffn_hidden_size", "intermediate_size"},
                                                  {"kv_channels", "head_dim"},
                                                  {"seq_length", "max_position_embeddings"},
                                                  {"layernorm_epsilon", "rms_norm_eps"},
                                                  {"multi_query_group_num", "num_key_value_heads"},
                                                  {"hidden_size", "hidden_size"},
                                                  {"num_attention_heads", "num_attention_heads"},
                                                  {"add_qkv_bias", "attention_bias"}};

Json chatglm_config(const Json& glm) {
  Json config = Json::object();
  config["architectures"] = Json::Array{"ChatGLMModel"};
  config["model_type"] = "chatglm";
  for (const auto& [theirs, ours] : kKeys) config[theirs] = glm.at(ours);
  config["rope_ratio"] = glm.at("rope_parameters").at("rope_theta").as_number() / 10000;
  for (const char* key : {"multi_query_attention", "rmsnorm", "post_layer_norm", "original_rope",
                          "bias_dropout_fusion", "attention_softmax_in_fp32"}) {
    config[key] = true;
  }
  for (const char* key : {"add_bias_linear", "apply_residual_connection_post_layernorm",
                          "fp32_residual_connection", "prefix_projection"}) {
    config[key] = false;
  }
  config["quantization_bit"] = 0;
  config["pre_seq_len"] = nullptr;
  return config;
}

std::string chatglm_file(const Checkpoint& glm) {
  tests::SafetensorsWriter writer;
  // Several tensors become one: their rows end to end.
  const auto add = [&](const std::string& name, const std::vector<std::string>& parts) {
    std::vector<float> values;
    std::vector<std::int64_t> shape = glm.at(parts[0]).shape;
    shape[0] = 0;
    for (const std::string& part : parts) {
      const std::vector<float> more = to_floats(glm.at(part));
      values.insert(values.end(), more.begin(), more.end());
      shape[0] += glm.at(part).shape[0];
    }
    writer.add(name, shape, values);
  };
  add("transformer.embedding.word_embeddings.weight", {"model.embed_tokens.weight"});
  add("transformer.encoder.final_layernorm.weight", {"model.norm.weight"});
  add("transformer.output_layer.weight", {"lm_head.weight"});
  for (int layer = 0; layer < 2; ++layer) {
    const std::string from = "model.layers." + std::to_string(layer) + ".";
    const std::string to = "transformer.encoder.layers." + std::to_string(layer) + ".";
    for (const char* kind : {"weight", "bias"}) {
      const std::string end = std::string("_proj.") + kind;
      add(to + "self_attention.query_key_value." + kind,
          {from + "self_attn.q" + end, from + "self_attn.k" + end, from + "self_attn.v" + end});
    }
    add(to + "self_attention.dense.weight", {from + "self_attn.o_proj.weight"});
    add(to + "mlp.dense_h_to_4h.weight", {from + "mlp.gate_up_proj.weight"});
    add(to + "mlp.dense_4h_to_h.weight", {from + "mlp.down_proj.weight"});
    for (const char* norm : {"input_layernorm.weight", "post_attention_layernorm.weight"})
      add(to + norm, {from + norm});
  }
  writer.add("transformer.rotary_pos_emb.inv_freq", {3}, {1, 2, 3});
  return writer.bytes();
}

TEST_CASE("a GLM renamed to ChatGLM gives the same logits") {
  const std::vector<std::int32_t> ids = {5, 60, 3, 3, 17, 42, 9};
  const Copy copy("glm");
  const auto expected = Model(copy.path(), {.compute_type = "f32"}).logits(ids).values;
  copy.config([](Json& config) { config = chatglm_config(config); });
  copy.write("model.safetensors", chatglm_file(copy.stored()));
  const Model model(copy.path(), {.compute_type = "f32"});
  CHECK(model.info().architecture == "chatglm");
  CHECK(model.logits(ids).values == expected);
  // What a published config may say twice.
  copy.config([](Json& config) { config["num_hidden_layers"] = 2; });
  CHECK(Model(copy.path(), {.compute_type = "f32"}).logits(ids).values == expected);
}

}  // namespace
}  // namespace loquor
