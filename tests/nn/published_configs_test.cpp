// The config.json of well-known models: tests/golden/make_published_configs.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "data.h"
#include "io/failure.h"
#include "loquor/model.hpp"
#include "nn/family.h"

namespace loquor {
namespace {

Json golden_json(const char* name) { return Json::parse(read_text(tests::golden(name))); }

const Family& family_of(const std::string& model_type) {
  for (const Family* family : families()) {
    if (std::find(family->names.begin(), family->names.end(), model_type) != family->names.end())
      return *family;
  }
  throw Error(Code::internal, "no family of " + model_type);
}

// What a config means, or nothing where it lacks what it needs.
std::optional<std::string> meaning(const Json& config) {
  const Family& family = family_of(config.at("model_type").as_string());
  Config read(config, "config.json");
  try {
    ModelSpec spec = family.spec(read);
    spec.head = family.head(read, family.task);
    return describe(spec).dump();
  } catch (const Error&) {
    return {};
  }
}

TEST_CASE("no config of a published model has a key that is not known") {
  int understood = 0;
  for (const char* file : {"published_configs.json", "published_configs_5.json"}) {
    const Json configs = golden_json(file);
    for (const Json::Member& config : configs.as_object()) {
      CAPTURE(file);
      CAPTURE(config.first);
      const tests::TemporaryFolder folder;
      folder.write("config.json", config.second.dump());
      // The weights are all that is missing.
      tests::check_failure(tests::failure_of([&] { Model::inspect(folder.path().string()); }),
                           Code::not_found, "model.safetensors");
      ++understood;
    }
  }
  CHECK(understood == 131);
}

TEST_CASE("a published config means what the one that transformers 5 makes of it means") {
  const Json published = golden_json("published_configs.json");
  const Json saved = golden_json("published_configs_5.json");
  for (const Json::Member& config : saved.as_object()) {
    CAPTURE(config.first);
    const auto expected = meaning(config.second);
    REQUIRE(expected);
    CHECK(meaning(published.at(config.first)) == expected);
  }
}

TEST_CASE("a key that a config lacks means transformers' default, or is asked for") {
  const Json defaults = golden_json("config_defaults.json");
  const Json saved = golden_json("published_configs_5.json");
  int compared = 0;
  for (const Json::Member& config : saved.as_object()) {
    CAPTURE(config.first);
    const std::string& type = config.second.at("model_type").as_string();
    for (const Json::Member& usual : defaults.at(type).as_object()) {
      CAPTURE(usual.first);
      Json without = config.second, with = config.second;
      std::erase_if(without.as_object(),
                    [&](const auto& member) { return member.first == usual.first; });
      with[usual.first] = usual.second;
      const auto found = meaning(without);
      if (!found) continue;
      CHECK(found == meaning(with));
      ++compared;
    }
  }
  CHECK(compared > 1000);
}

}  // namespace
}  // namespace loquor
