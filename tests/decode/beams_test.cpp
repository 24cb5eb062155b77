// Beam search, and the logits processors, against transformers' generate():
// tests/golden/make_beams.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "decode/options/options.h"
#include "loquor/generation.hpp"
#include "nn/agreement.h"

namespace loquor {
namespace {

std::vector<std::int32_t> ids(const Json& list) {
  std::vector<std::int32_t> out;
  for (const Json& value : list.as_array())
    out.push_back(static_cast<std::int32_t>(value.as_integer()));
  return out;
}

GenerateOptions options_of(const Json& json, std::int64_t vocabulary) {
  GenerateOptions options{.do_sample = false, .output_scores = true};
  for (const auto& [name, value] : json.as_object()) {
    if (name != "prefix_allowed_modulus") {
      generate_options().set(options, name, value);
      continue;
    }
    const auto modulus = static_cast<std::size_t>(value.as_integer());
    options.prefix_allowed_tokens = [=](std::span<const std::int32_t> so_far) {
      std::vector<std::int32_t> allowed;
      for (std::int32_t id = 0; id < vocabulary; ++id) {
        if ((static_cast<std::size_t>(id) + so_far.size()) % modulus != 0) allowed.push_back(id);
      }
      return allowed;
    };
  }
  return options;
}

// How far a sequence is from what transformers gave; its score, which a length_penalty below 0
// makes as large as hundreds, in units of its size where that is above 1.
double difference(const Sequence& found, const Json& expected, bool has_beams) {
  REQUIRE(found.ids == ids(expected.at("ids")));
  double most = 0;
  if (has_beams) {
    const double score = expected.at("score").as_number();
    most = std::abs(found.score - score) / std::max(1.0, std::abs(score));
  }
  REQUIRE(found.scores.rows == static_cast<std::int64_t>(found.ids.size()));
  for (std::size_t i = 0; i < found.ids.size(); ++i) {
    const float chosen =
        found.scores.row(static_cast<std::int64_t>(i))[static_cast<std::size_t>(found.ids[i])];
    const Json& one = expected.at("chosen").as_array()[i];
    const double score = one.is_null() ? -INFINITY : one.as_number();
    if (static_cast<double>(chosen) != score)
      most = std::max(most, std::abs(static_cast<double>(chosen) - score));
  }
  return most;
}

TEST_CASE("every option gives transformers' sequences and scores, greedily and with beams") {
  std::map<std::string, Model> models;
  const Json all = Json::parse(read_text(tests::golden("beams.json")));
  double most = 0;
  for (const Json& one : all.as_array()) {
    const std::string name = one.at("model").as_string();
    CAPTURE(name);
    CAPTURE(one.at("options").dump());
    if (!models.contains(name))
      models.emplace(name, Model(tests::golden(name).string(), {.compute_type = "f32"}));
    const Model& model = models.at(name);
    const GenerateOptions options = options_of(one.at("options"), model.info().vocabulary);
    const Output output = model.generate(ids(one.at("prompt")), options);
    const auto& expected = one.at("sequences").as_array();
    REQUIRE(output.sequences.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double far =
          difference(output.sequences[i], expected[i], options.num_beams.has_value());
      CHECK(far < 1e-4);
      most = std::max(most, far);
    }
    if (options.num_beams) tests::note_agreement(name, "beam", 1);
    CHECK(output.ids == output.sequences[0].ids);
    CHECK(output.score == output.sequences[0].score);
  }
  MESSAGE(all.size() << " cases, largest difference of a score " << most);
}

}  // namespace
}  // namespace loquor
