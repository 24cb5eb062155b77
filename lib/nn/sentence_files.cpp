#include "nn/sentence_files.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"

namespace loquor {

namespace {

namespace fs = std::filesystem;

// Calls read(json) with what a file holds, its name before what goes wrong; false where there is no
// such file.
template <class Read>
bool with_file(const fs::path& path, Read&& read) {
  std::error_code error;
  if (!fs::exists(path, error)) return false;
  within(path.string(), [&] { read(Json::parse(read_text(path))); });
  return true;
}

[[noreturn]] void fail_unknown(const std::string& key, const Json& value) {
  fail(Code::unsupported, "key ", quoted(key), " (", value.dump().substr(0, 60), ") is not known");
}

// The name of a mode that is built; empty for other keys.
std::string_view mode_of(std::string_view key) {
  if (key == "pooling_mode_cls_token") return "cls";
  if (key == "pooling_mode_mean_tokens") return "mean";
  if (key == "pooling_mode_max_tokens") return "max";
  return key == "pooling_mode_lasttoken" ? "last" : "";
}

void read_pooling(const Json& json, SentenceConfig& config) {
  int chosen = 0;
  for (const auto& [key, value] : json.as_object()) {
    if (const std::string_view mode = mode_of(key); !mode.empty()) {
      if (!value.as_bool()) continue;
      config.pooling = mode;
      ++chosen;
    } else if (key == "include_prompt") {
      config.include_prompt = value.as_bool();
    } else if (key.starts_with("pooling_mode_")) {
      if (value.as_bool()) fail(Code::unsupported, quoted(key), " is not built");
    } else if (key != "word_embedding_dimension") {
      fail_unknown(key, value);
    }
  }
  if (chosen != 1)
    fail(Code::unsupported, chosen, " modes of pooling are set, and one alone is built");
}

void read_transformer(const Json& json, SentenceConfig& config) {
  for (const auto& [key, value] : json.as_object()) {
    if (key == "max_seq_length") {
      if (!value.is_null()) config.max_length = value.as_integer();
      if (config.max_length < 0)
        fail(Code::invalid_file, key, " is ", config.max_length, ", expected at least 0");
    } else if (key == "do_lower_case") {
      if (value.as_bool()) fail(Code::unsupported, key, " is not built");
    } else {
      fail_unknown(key, value);
    }
  }
}

void read_whole(const Json& json, SentenceConfig& config) {
  for (const auto& [key, value] : json.as_object()) {
    if (value.is_null() || key == "__version__" || key == "model_type") continue;
    if (key == "prompts") {
      for (const auto& [role, prompt] : value.as_object())
        config.prompts[role] = prompt.as_string();
    } else if (key == "default_prompt_name") {
      config.default_role = value.as_string();
    } else if (key == "similarity_fn_name") {
      config.similarity = value.as_string();
      if (config.similarity != "cosine" && config.similarity != "dot" &&
          config.similarity != "euclidean" && config.similarity != "manhattan")
        fail(Code::unsupported, key, " ", quoted(config.similarity), " is not known");
    } else {
      fail_unknown(key, value);
    }
  }
}

void read_module(const Json& module, const fs::path& folder, SentenceConfig& config) {
  const std::string& type = module.at("type").as_string();
  const std::string name = type.substr(type.rfind('.') + 1);
  const fs::path part = folder / module.at("path").as_string();
  if (name == "Transformer") {
    with_file(part / "sentence_bert_config.json",
              [&](const Json& json) { read_transformer(json, config); });
  } else if (name == "Pooling") {
    const fs::path path = part / "config.json";
    if (!with_file(path, [&](const Json& json) { read_pooling(json, config); }))
      fail(Code::not_found, path.string(), " is missing");
  } else if (name == "Normalize") {
    config.normalize = true;
  } else {
    fail(Code::unsupported, "module ", quoted(type),
         " is not built; known are Transformer, Pooling and Normalize");
  }
}

}  // namespace

std::optional<SentenceConfig> read_sentence_files(const fs::path& folder) {
  SentenceConfig config;
  const bool found = with_file(folder / "modules.json", [&](const Json& modules) {
    for (const Json& module : modules.as_array()) read_module(module, folder, config);
  });
  if (!found) return {};
  with_file(folder / "config_sentence_transformers.json",
            [&](const Json& json) { read_whole(json, config); });
  return config;
}

}  // namespace loquor
