// The sampler against transformers' logits processors: tests/oracle/make_sampler.py.
#include "loquor/sampler.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "decode/options/options.h"
#include "loquor/error.hpp"

namespace loquor {
namespace {

std::vector<float> floats(const Json& list) {
  std::vector<float> out;
  for (const Json& value : list.as_array()) out.push_back(static_cast<float>(value.as_number()));
  return out;
}

std::vector<std::int32_t> ids(const Json& list) {
  std::vector<std::int32_t> out;
  for (const Json& value : list.as_array())
    out.push_back(static_cast<std::int32_t>(value.as_integer()));
  return out;
}

TEST_CASE("every combination of options gives transformers' probabilities") {
  const Json all = Json::parse(read_text(tests::golden("../oracle/sampler.json")));
  for (const Json& one : all.at("cases").as_array()) {
    CAPTURE(one.at("options").dump());
    GenerateOptions options;
    generate_options().set_all(options, one.at("options"));
    options.do_sample = true;
    const auto found = Sampler(options).probabilities(
        floats(one.at("logits")), ids(one.at("history")), one.at("prompt_length").as_integer());
    const auto expected = floats(one.at("probabilities"));
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(i);
      CHECK((found[i] > 0) == (expected[i] > 0));
      CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
    }
  }
}

TEST_CASE("frequency and presence penalties count occurrences in the output only") {
  const std::vector<float> logits{1, 2, 3, 4};
  const std::vector<std::int32_t> history{0, 1, 1, 2};  // the first two are prompt
  const auto found =
      Sampler({.do_sample = true, .frequency_penalty = 0.5, .presence_penalty = 0.25})
          .probabilities(logits, history, 2);
  const double expected[] = {1, 2 - 0.75, 3 - 0.75, 4};
  double sum = 0;
  for (const double logit : expected) sum += std::exp(logit);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(static_cast<double>(found[i]) == doctest::Approx(std::exp(expected[i]) / sum));
}

TEST_CASE("draws follow the distribution, and equal seeds draw equal ids") {
  const std::vector<float> logits{0, 1, 2, -1};
  const auto expected = Sampler({.do_sample = true}).probabilities(logits);
  Sampler a({.do_sample = true, .seed = 7}), b({.do_sample = true, .seed = 7}),
      c({.do_sample = true, .seed = 8});
  int counts[4] = {}, same = 0;
  const int draws = 20000;
  for (int i = 0; i < draws; ++i) {
    const auto id = a.sample(logits);
    REQUIRE(id == b.sample(logits));
    same += id == c.sample(logits);
    ++counts[id];
  }
  CHECK(same < draws);
  for (std::size_t i = 0; i < 4; ++i) {
    const double p = static_cast<double>(expected[i]);
    CHECK(std::abs(counts[i] - draws * p) < 5 * std::sqrt(draws * p * (1 - p)));
  }
}

TEST_CASE("without sampling the most likely id is taken, the first of equals") {
  CHECK(Sampler({.do_sample = false}).sample(std::vector<float>{1, 5, 5, 0}) == 1);
  CHECK(Sampler({.temperature = 0}).sample(std::vector<float>{1, 5, 2, 0}) == 1);
  CHECK(Sampler({.do_sample = false, .repetition_penalty = 10})
            .sample(std::vector<float>{1, 5, 4, 0}, std::vector<std::int32_t>{1}) == 2);
}

TEST_CASE("options out of range and logits without hope are refused") {
  CHECK_THROWS_AS(Sampler({.temperature = -1}), Error);
  CHECK_THROWS_AS(Sampler({.top_p = 1.5}), Error);
  CHECK_THROWS_AS(Sampler({.repetition_penalty = 0}), Error);
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(Sampler().sample(std::vector<float>{-infinity, -infinity}), Error);
  CHECK_THROWS_AS(Sampler().sample(std::vector<float>{}), Error);
  CHECK_THROWS_AS(Sampler({.logit_bias = {{9, 1.0}}}).sample(std::vector<float>{1, 2}), Error);
  CHECK_THROWS_AS(Sampler({.repetition_penalty = 2})
                      .sample(std::vector<float>{1, 2}, std::vector<std::int32_t>{5}),
                  Error);
}

}  // namespace
}  // namespace loquor
