// One architecture in several spellings: configs of transformers 4 and 5, ChatGLM's own names, GGUF
// metadata.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "golden_copy.h"
#include "io/failure.h"
#include "loquor/session.hpp"

namespace loquor {
namespace {

using tests::Copy;

std::string spec_of(const Copy& copy) { return Model::inspect(copy.path()).spec; }

void remove(Json& object, std::string_view key) {
  std::erase_if(object.as_object(),
                [&](const Json::Member& member) { return member.first == key; });
}

// What transformers 4 wrote for one rope_parameters.
void use_old_rope(Json& config) {
  Json rope = config.at("rope_parameters");
  config["rope_theta"] = rope.at("rope_theta");
  if (const Json* partial = rope.find("partial_rotary_factor"))
    config["partial_rotary_factor"] = *partial;
  remove(rope, "rope_theta");
  remove(rope, "partial_rotary_factor");
  config["rope_scaling"] = rope.at("rope_type") == Json("default") ? Json() : rope;
  remove(config, "rope_parameters");
  config["torch_dtype"] = config.at("dtype");
  remove(config, "dtype");
}

TEST_CASE("configs as transformers 4 wrote them mean the same") {
  for (const char* name :
       {"llama3_rope", "llama_yarn", "llama_dynamic", "qwen3", "gemma", "gemma2", "phi3",
        "phi3_short", "phi3_long", "glm", "glm4", "mixtral", "qwen3_moe", "deepseek_v3"}) {
    CAPTURE(std::string(name));
    const Copy copy(name);
    const std::string expected = spec_of(copy);
    copy.config(use_old_rope);
    CHECK(spec_of(copy) == expected);
  }
}

TEST_CASE("keys that published configs have in another form mean the same") {
  const auto same = [](const char* name, const std::function<void(Json&)>& change) {
    CAPTURE(std::string(name));
    const Copy copy(name);
    const std::string expected = spec_of(copy);
    copy.config(change);
    CHECK(spec_of(copy) == expected);
  };
  same("gemma", [](Json& config) {
    config["hidden_act"] = "gelu";
    config["hidden_activation"] = nullptr;
    remove(config, "tie_word_embeddings");
  });
  same("gemma2", [](Json& config) {
    config["hidden_act"] = "gelu_pytorch_tanh";
    config["cache_implementation"] = "hybrid";
    remove(config, "layer_types");
  });
  same("gemma3", [](Json& config) {
    const Json rope = config.at("rope_parameters");
    config["rope_theta"] = rope.at("full_attention").at("rope_theta");
    config["rope_local_base_freq"] = rope.at("sliding_attention").at("rope_theta");
    config["rope_scaling"]["rope_type"] = "linear";
    config["rope_scaling"]["factor"] = rope.at("full_attention").at("factor");
    config["sliding_window_pattern"] = 3;
    remove(config, "rope_parameters");
    remove(config, "layer_types");
  });
  same("phi3_long", [](Json& config) {
    config["rope_parameters"]["rope_type"] = "su";
    remove(config["rope_parameters"], "original_max_position_embeddings");
  });
  same("qwen3_moe", [](Json& config) {
    config["num_experts"] = config.at("num_local_experts");
    remove(config, "num_local_experts");
    config["max_window_layers"] = 28;
  });
  same("t5_gated", [](Json& config) {  // as Flan-T5 was published
    config["tie_word_embeddings"] = false;
    remove(config, "scale_decoder_outputs");
  });
  same("mt5_head", [](Json& config) {
    config["tie_word_embeddings"] = false;
    remove(config, "feed_forward_proj");
    remove(config, "scale_decoder_outputs");
  });
  same("deepseek_v3", [](Json& config) {
    config["topk_method"] = "noaux_tc";
    config["scoring_func"] = "sigmoid";
    config["moe_layer_freq"] = 1;
    config["ep_size"] = 1;
    remove(config, "qk_head_dim");
    remove(config, "head_dim");
  });
}

// Of a model in f32, on ids that every vocabulary here has.
std::vector<float> logits_of(const std::string& path) {
  std::vector<std::int32_t> ids;
  for (std::int32_t id = 3; id < 31; ++id) ids.push_back(id * 7 % 41);
  return Model(path, {.compute_type = "f32"}).logits(ids).values;
}

void check_close(const std::vector<float>& found, const std::vector<float>& expected) {
  REQUIRE(found.size() == expected.size());
  float most = 0, scale = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    most = std::max(most, std::abs(found[i] - expected[i]));
    scale = std::max(scale, std::abs(expected[i]));
  }
  CHECK(most <= 1e-5F * scale);
}

// Of a Gemma 3 that sees images, with its tensors' names as other versions of transformers write
// them.
std::vector<float> renamed_gemma3(std::string_view begin, std::string_view instead) {
  const Copy copy("gemma3_image");
  copy.tensors([&](std::string& name, auto&, auto&) {
    if (name.starts_with(begin)) name = std::string(instead) + name.substr(begin.size());
    for (const char* part : {"vision_tower.", "multi_modal_projector."}) {
      if (name.starts_with(part) && instead.starts_with("model.")) name = "model." + name;
    }
  });
  return logits_of(copy.path());
}

TEST_CASE("the text part of a Gemma 3 that sees images has the names of either transformers") {
  const Copy copy("gemma3_image");
  const auto names = copy.stored();
  REQUIRE(names.find("language_model.model.norm.weight"));
  REQUIRE(names.find("vision_tower.post_layernorm.weight"));
  const std::vector<float> expected = logits_of(copy.path());
  CHECK(renamed_gemma3("language_model.model.", "model.language_model.") == expected);
  // A tensor of another part is not passed over.
  copy.add_tensor("audio_tower.norm.weight", {2});
  tests::check_failure(tests::failure_of([&] { copy.open(); }), Code::unsupported,
                       "'audio_tower.norm.weight'");
}

TEST_CASE("a chat template may stand in a file of its own, as Jinja or as JSON") {
  const Copy copy("chat_llama");
  const std::string source = Model(copy.path()).chat_template().source();
  copy.remove("chat_template.jinja");
  CHECK(!Model(copy.path()).has_chat_template());
  Json file = Json::object();
  file["chat_template"] = source;
  copy.write("chat_template.json", file.dump());
  CHECK(Model(copy.path()).chat_template().source() == source);
}

TEST_CASE("keys within the text part of a config are accounted for") {
  const Copy copy("gemma3_image");
  copy.config([](Json& config) { config["text_config"]["altup_inputs"] = 4; });
  tests::check_failure(tests::failure_of([&] { copy.open(); }), Code::unsupported,
                       "'text_config.altup_inputs'");
  const Copy plain("gemma3_image");
  plain.config([](Json& config) { config["vision_config"]["patch_size"] = 16; });
  CHECK_NOTHROW(plain.open());
}

TEST_CASE("GGUF files of Gemma say less than config.json, and mean the same") {
  const Copy gemma2("gemma2");
  gemma2.config([](Json& config) { config["query_pre_attn_scalar"] = config.at("head_dim"); });
  check_close(logits_of(gemma2.path() + "/gemma2.gguf"), logits_of(gemma2.path()));
  const Copy gemma3("gemma3");
  gemma3.config([](Json& config) {
    config["query_pre_attn_scalar"] = config.at("head_dim");
    config["rope_parameters"]["sliding_attention"]["rope_theta"] = 10000;
    remove(config, "layer_types");  // one full layer in six
  });
  check_close(logits_of(gemma3.path() + "/gemma3.gguf"), logits_of(gemma3.path()));
}

}  // namespace
}  // namespace loquor
