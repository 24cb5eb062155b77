// SmolLM2-135M-Instruct against transformers on the same dequantised weights:
// tests/golden/make_smollm2.py.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "loquor/chat.hpp"

namespace loquor {
namespace {

std::vector<std::int32_t> ids_of(const Json& list) {
  std::vector<std::int32_t> ids;
  for (const Json& id : list.as_array()) ids.push_back(static_cast<std::int32_t>(id.as_integer()));
  return ids;
}

Json expected() { return Json::parse(read_text(tests::golden("smollm2") / "expected.json")); }

TEST_CASE("SmolLM2's 40 greedy tokens in f32 are transformers'") {
  const auto path = tests::real_model();
  if (path.empty()) return tests::skipped("SmolLM2-135M-Instruct is not in the cache");
  const Model model(path, {.compute_type = "f32"});
  const Json all = expected();
  for (const char* which : {"chat", "raw"}) {
    CAPTURE(which);
    const Json& one = all.at(which);
    CHECK(model.tokenizer().encode(one.at("text").as_string(),
                                   {.add_special_tokens = false, .parse_special = true}) ==
          ids_of(one.at("ids")));
    const Output output = model.generate(
        ids_of(one.at("ids")),
        {.max_new_tokens = 40, .eos_token_id = std::vector<std::int32_t>{}, .do_sample = false});
    CHECK(output.ids == ids_of(one.at("greedy")));
  }
}

TEST_CASE("SmolLM2's own chat template gives transformers' prompt") {
  const auto path = tests::real_model();
  if (path.empty()) return tests::skipped("SmolLM2-135M-Instruct is not in the cache");
  const Model model(path);
  const Json all = expected();
  const Message question{"user", "What is the capital of France?", {}, {}};
  CHECK(model.chat_template().render(std::span(&question, 1)) ==
        all.at("chat").at("text").as_string());
  CHECK(Chat(model).send(question.content, {.do_sample = false}).text ==
        "The capital of France is Paris.");
}

TEST_CASE("SmolLM2's perplexity on WikiText-2 is transformers' within 0.1 %") {
  const auto path = tests::real_model();
  const auto wiki = tests::shared_data("text/wikitext2/wiki.valid.raw");
  if (path.empty()) return tests::skipped("SmolLM2-135M-Instruct is not in the cache");
  if (wiki.empty()) return tests::skipped("shared test data: text/wikitext2");
  const Model model(path, {.compute_type = "f32"});
  const Json all = expected().at("wikitext2");
  std::vector<std::int32_t> ids =
      model.tokenizer().encode(read_text(wiki), {.add_special_tokens = false});
  REQUIRE(ids.size() > 16384);
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t first = 0; first < 16384; first += 1024) {
    for (const float logprob : model.log_probabilities(std::span(ids).subspan(first, 1024))) {
      sum -= static_cast<double>(logprob);
      ++count;
    }
  }
  CHECK(std::exp(sum / static_cast<double>(count)) ==
        doctest::Approx(all.at("perplexity").as_number()).epsilon(0.001));
}

}  // namespace
}  // namespace loquor
