// Classifiers of texts that have a decoder, on the models of tests/golden/make_classes.py: the row
// that they look at is the last end of sequence, or the last that is no padding.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/caught.h"
#include "data.h"
#include "io/safetensors.h"
#include "loquor/model.hpp"

namespace loquor {
namespace {

std::vector<std::int32_t> ids(const Checkpoint& values, const char* name) {
  std::vector<std::int32_t> out;
  for (const float id : to_floats(values.at(name))) out.push_back(static_cast<std::int32_t>(id));
  return out;
}

void check_logits(const Model& model, const std::vector<LabelScore>& found,
                  const std::vector<float>& expected) {
  const auto& labels = model.info().labels;
  REQUIRE(found.size() == expected.size());
  const float most = std::abs(*std::max_element(
      expected.begin(), expected.end(), [](auto a, auto b) { return std::abs(a) < std::abs(b); }));
  for (const LabelScore& one : found) {
    const auto at = std::find(labels.begin(), labels.end(), one.label) - labels.begin();
    CHECK(std::abs(one.score - static_cast<double>(expected[static_cast<std::size_t>(at)])) <=
          2e-5 * static_cast<double>(most));
  }
}

TEST_CASE("a classifier with a decoder looks where transformers does, in any batch") {
  int models = 0;
  for (const auto& folder : std::filesystem::directory_iterator(tests::golden(""))) {
    const auto path = folder.path() / "expected.safetensors";
    if (!std::filesystem::exists(path)) continue;
    const Checkpoint values = read_safetensors(path);
    if (!values.find("ids_c")) continue;
    const std::string name = folder.path().string();
    CAPTURE(name);
    const Model model(name, {.compute_type = "f32"});
    std::vector<Input> inputs;
    for (const char* input : {"ids", "ids_b", "ids_c"})
      inputs.push_back(TokenIds{ids(values, input)});
    const ClassifyOptions raw{.top_k = 0, .function_to_apply = "none"};
    const auto together = model.classify(inputs, raw);
    const char* const logits[] = {"logits", "logits_b", "logits_c"};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      CAPTURE(logits[i]);
      check_logits(model, together[i], to_floats(values.at(logits[i])));
      const auto alone = model.classify({inputs[i]}, raw)[0];
      for (std::size_t k = 0; k < alone.size(); ++k) CHECK(alone[k].score == together[i][k].score);
    }
    ++models;
  }
  CHECK(models == 17);
}

TEST_CASE("a source without the end that a classifier looks at is refused") {
  const Model model(tests::golden("t5_sequence").string());
  CHECK(
      tests::caught([&] {
        model.classify({TokenIds{{5, 1}}, TokenIds{{5, 6}}});
      }).what() ==
      std::string("input 1 has no end of sequence, id 1, which is where this model's head looks"));
}

TEST_CASE("a classifier does not generate, and says what it is") {
  for (const auto& refused :
       {std::pair(
            "llama_sequence",
            "this model has no language model head: its class is LlamaForSequenceClassification"),
        std::pair("bart_question",
                  "this model has no language model head: its class is BartForQuestionAnswering"),
        std::pair("t5_token", "this model is encoder-only: it has no generate")}) {
    CAPTURE(refused.first);
    const Model model(tests::golden(refused.first).string());
    CHECK(tests::caught([&] {
            model.generate(std::vector<std::int32_t>{5, 6});
          }).what() == std::string(refused.second));
  }
}

}  // namespace
}  // namespace loquor
