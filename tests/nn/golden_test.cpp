// Every family against transformers, on the tiny models that tests/golden/make_golden.py made.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data.h"
#include "io/safetensors.h"
#include "loquor/generation.hpp"
#include "loquor/session.hpp"
#include "nn/agreement.h"

namespace loquor {
namespace {

struct Expected {
  explicit Expected(const std::filesystem::path& path) : tensors(read_safetensors(path)) {}

  std::vector<std::int32_t> ids(const char* name) const {
    std::vector<std::int32_t> out;
    for (const float id : to_floats(tensors.at(name))) out.push_back(static_cast<std::int32_t>(id));
    return out;
  }
  std::vector<float> values(const std::string& name) const { return to_floats(tensors.at(name)); }

  Checkpoint tensors;
};

// The largest difference, in units of the largest value expected.
double difference(std::span<const float> found, std::span<const float> expected) {
  REQUIRE(found.size() == expected.size());
  double most = 0, scale = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    most = std::max(most, static_cast<double>(std::abs(found[i] - expected[i])));
    scale = std::max(scale, static_cast<double>(std::abs(expected[i])));
  }
  return most / scale;
}

void require_agreement(const std::filesystem::path& path, const std::filesystem::path& expected,
                       double tolerance, const ModelOptions& options = {.compute_type = "f32"}) {
  CAPTURE(path);
  const Expected golden(expected);
  const Model model(path.string(), options);
  const auto ids = golden.ids("ids");
  double most = difference(model.logits(ids).values, golden.values("logits"));
  most = std::max(most,
                  difference(model.logits(golden.ids("ids_b")).values, golden.values("logits_b")));
  const auto hidden = model.hidden_states(ids);
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    most = std::max(
        most, difference(hidden[i].values, golden.values("hidden_states." + std::to_string(i))));
  }
  CHECK(most <= tolerance);
  const bool noted = std::filesystem::is_directory(path);
  if (noted) tests::note_agreement(path.filename().string(), "difference", most);
  const auto logprobs = model.log_probabilities(ids);
  const double loss = -std::accumulate(logprobs.begin(), logprobs.end(), 0.0) /
                      static_cast<double>(logprobs.size());
  CHECK(loss == doctest::Approx(golden.values("loss")[0]).epsilon(tolerance));
  const std::vector<std::int32_t> greedy = golden.ids("greedy");
  if (greedy.empty()) return;  // transformers' rotation would change on the way
  const std::vector<std::int32_t> prompt(ids.begin(), ids.begin() + 8);
  const Output output = model.generate(
      prompt,
      {.max_new_tokens = 24, .eos_token_id = std::vector<std::int32_t>{}, .do_sample = false});
  CHECK(output.ids == greedy);
  if (output.ids == greedy && noted)
    tests::note_agreement(path.filename().string(), "greedy", static_cast<double>(greedy.size()));
}

TEST_CASE("every golden model agrees with transformers in f32 to 2e-5 of the largest value") {
  for (const char* name : {"llama",         "llama3_rope",   "llama_linear_rope",
                           "llama_biases",  "llama_sharded", "llama_bf16",
                           "mistral",       "qwen2",         "qwen2_window",
                           "gpt2",          "qwen3",         "gemma",
                           "gemma2",        "gemma3",        "phi3",
                           "glm",           "glm4",          "llama_yarn",
                           "llama_dynamic", "phi3_short",    "phi3_long",
                           "mixtral",       "qwen3_moe",     "deepseek_v3",
                           "qwen3_moe_some"}) {
    require_agreement(tests::golden(name), tests::golden(name) / "expected.safetensors", 2e-5);
  }
}

TEST_CASE("GGUF files give what the same weights give as safetensors") {
  for (const char* name : {"llama", "llama3_rope", "qwen2", "gpt2", "qwen3", "gemma", "phi3",
                           "phi3_long", "qwen3_moe"}) {
    require_agreement(tests::golden(name) / (std::string(name) + ".gguf"),
                      tests::golden(name) / "expected.safetensors", 2e-5);
  }
}

TEST_CASE("GGUF files as llama.cpp's converter writes them give what transformers gives") {
  const auto folder = tests::golden("gguf");
  for (const char* name : {"mistral", "mixtral", "deepseek_v3", "llama_yarn"})
    require_agreement(folder / (std::string(name) + ".gguf"),
                      folder / (std::string(name) + ".safetensors"), 2e-5);
  for (const char* name : {"mixtral", "deepseek_v3"})
    require_agreement(folder / (std::string(name) + "_older.gguf"),
                      folder / (std::string(name) + ".safetensors"), 2e-5);
  for (const char* name : {"glm", "glm4"})
    require_agreement(folder / (std::string(name) + ".gguf"),
                      tests::golden(name) / "expected.safetensors", 2e-5);
}

}  // namespace
}  // namespace loquor
