// What transformers gave, as tests/golden/make_translate.py recorded it, and the models that gave
// it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/caught.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "data.h"
#include "loquor/model.hpp"

namespace loquor::tests {

using Ids = std::vector<std::int32_t>;

inline Ids ids_in(const Json& list) {
  Ids ids;
  for (const Json& id : list.as_array()) ids.push_back(static_cast<std::int32_t>(id.as_integer()));
  return ids;
}

inline std::vector<std::string> strings_in(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& text : list.as_array()) texts.push_back(text.as_string());
  return texts;
}

// A golden model's folder with some of its files, some keys of config.json changed (null takes one
// out), and a generation_config.json.
class RecordedFolder {
 public:
  explicit RecordedFolder(const Json& recorded) {
    const std::string base = recorded.at("model").as_string();
    copy(base + "/model.safetensors", "model.safetensors");
    Json config = Json::object();
    const Json original = Json::parse(read_text(golden(base) / "config.json"));
    for (const auto& [key, value] : original.as_object()) {
      const Json* changed = recorded.at("config").find(key);
      if (!changed || !changed->is_null()) config[key] = changed ? *changed : value;
    }
    for (const auto& [key, value] : recorded.at("config").as_object()) {
      if (!value.is_null()) config[key] = value;
    }
    folder_.write("config.json", config.dump());
    if (const Json& own = recorded.at("generation_config"); !own.is_null())
      folder_.write("generation_config.json", own.dump());
    if (const Json* tokenizer = recorded.find("tokenizer"))
      copy(tokenizer->as_string() + "/tokenizer.json", "tokenizer.json");
    if (const Json* files = recorded.find("files")) {
      for (const auto& [name, source] : files->as_object()) copy(source.as_string(), name);
      folder_.write("tokenizer_config.json", recorded.at("tokenizer_config").dump());
    }
  }
  void write(const char* name, std::string_view content) const { folder_.write(name, content); }
  Model model() const { return Model(folder_.path().string(), {.compute_type = "f32"}); }

 private:
  void copy(const std::string& from, const std::string& to) const {
    std::filesystem::copy(golden(from), folder_.path() / to);
  }
  TemporaryFolder folder_;
};

inline Json recorded(const char* name) {
  return Json::parse(read_text(golden("translate") / name));
}

template <class Function>
std::string said_by(Function&& fn) {
  return caught(fn).what();
}

}  // namespace loquor::tests
