#include "nn/tokenizer_files.h"

#include <algorithm>

#include "base/error.h"
#include "nn/gguf_config.h"
#include "nn/loader.h"
#include "text/vocabulary_files.h"

namespace loquor {

namespace {

namespace fs = std::filesystem;

constexpr const char* kRoles[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                  "pad_token", "cls_token", "mask_token"};

// The text of a file of the folder, or nothing where there is no such file.
std::optional<std::string> optional_text(const fs::path& folder, const char* name) {
  std::error_code error;
  const fs::path path = folder / name;
  if (!fs::exists(path, error)) return {};
  return read_text(path);
}

Json optional_json(const fs::path& folder, const char* name) {
  const auto content = optional_text(folder, name);
  if (!content) return {};
  return within((folder / name).string(), [&] { return Json::parse(*content); });
}

// "<s>", or {"content": "<s>", ...}.
const std::string* token_text(const Json* value) {
  if (value && value->is_object()) value = value->find("content");
  return value && value->is_string() ? &value->as_string() : nullptr;
}

// chat_template of tokenizer_config.json: one template, or a list of named ones with a "default".
std::string template_of(const Json& config) {
  const Json* value = config.find("chat_template");
  if (!value || value->is_null()) return {};
  if (!value->is_array()) return value->as_string();
  for (const Json& entry : value->as_array()) {
    if (entry.at("name").as_string() == "default") return entry.at("template").as_string();
  }
  return {};
}

void set_chat_template(const std::string& source, const Json& variables, LoadedModel& model) {
  if (source.empty()) return;
  try {
    model.chat_template = ChatTemplate(source, variables.dump());
  } catch (const Error& error) {
    model.chat_template =
        Error(error.code(), text("the model's chat template: ", std::string_view(error.what())));
  }
}

void read_gguf_text(const GgufFile& gguf, const std::string& source, LoadedModel& model) {
  auto vocabulary = gguf_vocabulary(gguf);
  const std::string chat_template = gguf_chat_template(gguf);
  require_tokenizer_read(gguf, source);
  model.generation_config = gguf_generation_config(gguf, vocabulary);
  model.generation_config_source = source;
  if (!vocabulary) return;
  Json variables = Json::object();
  const std::pair<const char*, std::optional<std::int32_t>> roles[] = {
      {"bos_token", vocabulary->bos},
      {"eos_token", vocabulary->eos},
      {"unk_token", vocabulary->unk},
      {"pad_token", vocabulary->pad}};
  for (const auto& [role, id] : roles) {
    if (id) variables[role] = vocabulary->tokens[static_cast<std::size_t>(*id)];
  }
  model.tokenizer = tokenizer_from_gguf(std::move(*vocabulary));
  set_chat_template(chat_template, variables, model);
}

bool has_file(const fs::path& folder, const char* name) {
  std::error_code error;
  return fs::exists(folder / name, error);
}

// Whether a token has a role in the config, or is among the extra special ones.
bool is_special(const Json& config, const std::string& name) {
  const auto is_it = [&](const Json& token) {
    const std::string* found = token_text(&token);
    return found && *found == name;
  };
  for (const char* key : kRoles) {
    if (const Json* token = config.find(key); token && is_it(*token)) return true;
  }
  for (const char* key : {"extra_special_tokens", "additional_special_tokens"}) {
    const Json* list = config.find(key);
    if (list && list->is_array() && std::ranges::any_of(list->as_array(), is_it)) return true;
  }
  return false;
}

// tokenizer_config.json with what stands in files beside it in folders that are older than its
// added_tokens_decoder.
Json whole_config(const fs::path& folder, const std::string& tokenizer_class) {
  Json config = optional_json(folder, "tokenizer_config.json");
  if (config.is_null()) config = Json::object();
  if (const Json* named = config.find("tokenizer_class"); !named || named->is_null())
    config["tokenizer_class"] = tokenizer_class;
  if (config.find("added_tokens_decoder")) return config;
  const Json roles = optional_json(folder, "special_tokens_map.json");
  const Json added = optional_json(folder, "added_tokens.json");
  if (!roles.is_null()) {
    for (const auto& [key, value] : roles.as_object()) config[key] = value;
  }
  if (added.is_null()) return config;
  within((folder / "added_tokens.json").string(), [&] {
    Json numbered = Json::object();
    for (const auto& [name, id] : added.as_object()) {
      const bool special = is_special(config, name);
      Json token = Json::object();
      token["content"] = name;
      token["special"] = special;
      token["normalized"] = !special;
      numbered[std::to_string(id.as_integer())] = std::move(token);
    }
    config["added_tokens_decoder"] = std::move(numbered);
  });
  return config;
}

void read_marian(const fs::path& folder, const std::string& config, LoadedModel& model) {
  auto [source, target] = within(folder.string(), [&] {
    return tokenizers_from_marian(read_text(folder / "source.spm"),
                                  read_text(folder / "target.spm"),
                                  read_text(folder / "vocab.json"), config);
  });
  model.tokenizer = std::move(source);
  model.target_tokenizer = std::move(target);
}

// The one vocabulary of a folder without a tokenizer.json; nullptr where there is none.
const char* vocabulary_file(const fs::path& folder) {
  const char* found = nullptr;
  for (const char* name :
       {"tokenizer.model", "sentencepiece.bpe.model", "spiece.model", "vocab.txt", "merges.txt"}) {
    if (!has_file(folder, name)) continue;
    if (found)
      fail(Code::invalid_file, folder.string(), ": there are ", found, " and ", name,
           ", and no tokenizer.json; expected one of them");
    found = name;
  }
  if (!found && has_file(folder, "vocab.json"))
    fail(Code::invalid_file, folder.string(), ": there is a vocab.json, and no merges.txt");
  return found;
}

Tokenizer read_class(const fs::path& folder, std::string_view file, const std::string& config) {
  const std::string content = read_text(folder / file);
  if (file == "vocab.txt") return tokenizer_from_vocab_txt(content, config);
  if (file == "tokenizer.model") return tokenizer_from_tokenizer_model(content, config);
  if (file == "merges.txt")
    return tokenizer_from_vocab_and_merges(read_text(folder / "vocab.json"), content, config);
  if (file == "sentencepiece.bpe.model" && has_file(folder, "vocab.json"))
    return tokenizer_from_m2m_100(content, read_text(folder / "vocab.json"), config);
  return tokenizer_from_sentencepiece_class(content, config);
}

// By the files that are there. Marian's pair goes first: where a tokenizer.json stands beside it,
// transformers does not look at that.
void read_tokenizer(const fs::path& folder, const Json& config, LoadedModel& model) {
  if (has_file(folder, "source.spm")) return read_marian(folder, config.dump(), model);
  if (const auto json = optional_text(folder, "tokenizer.json")) {
    const std::string own = optional_text(folder, "tokenizer_config.json").value_or("");
    model.tokenizer = within((folder / "tokenizer.json").string(),
                             [&] { return Tokenizer::from_json(*json, own); });
  } else if (const char* file = vocabulary_file(folder)) {
    model.tokenizer =
        within((folder / file).string(), [&] { return read_class(folder, file, config.dump()); });
  }
}

void read_folder_text(const fs::path& folder, const std::string& tokenizer_class,
                      LoadedModel& model) {
  const Json config = whole_config(folder, tokenizer_class);
  read_tokenizer(folder, config, model);
  Json variables = Json::object();
  for (const char* role : kRoles) {
    if (const std::string* token = token_text(config.find(role))) variables[role] = *token;
  }
  const auto own_file = optional_text(folder, "chat_template.jinja");
  within((folder / "tokenizer_config.json").string(), [&] {
    std::string source = own_file ? *own_file : template_of(config);
    // Beside a model that sees images too.
    if (source.empty()) source = template_of(optional_json(folder, "chat_template.json"));
    set_chat_template(source, variables, model);
  });
}

}  // namespace

void read_text_files(const fs::path& folder, const GgufFile* gguf, const std::string& source,
                     const std::string& tokenizer_class, LoadedModel& model) {
  if (gguf) {
    within(source, [&] { read_gguf_text(*gguf, source, model); });
  } else {
    read_folder_text(folder, tokenizer_class, model);
  }
}

}  // namespace loquor
