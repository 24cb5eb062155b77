#include "nn/tokenizer_files.h"

#include "base/error.h"
#include "nn/gguf_config.h"
#include "nn/loader.h"
#include "text/vocabulary_files.h"

namespace loquor {

namespace {

namespace fs = std::filesystem;

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
  Json ends = Json::array();
  for (const auto& id : {vocabulary->eos, vocabulary->eot, vocabulary->eom}) {
    if (id) ends.push_back(static_cast<std::int64_t>(*id));
  }
  if (!ends.as_array().empty()) {
    model.generation_config["eos_token_id"] = std::move(ends);
    model.generation_config_source = source;
  }
  model.tokenizer = tokenizer_from_gguf(std::move(*vocabulary));
  set_chat_template(chat_template, variables, model);
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

// By the files that are there. Marian's pair goes first: where a tokenizer.json stands beside it,
// transformers does not look at that.
void read_tokenizer(const fs::path& folder, const std::string& config, LoadedModel& model) {
  std::error_code error;
  if (fs::exists(folder / "source.spm", error)) return read_marian(folder, config, model);
  using Read = Tokenizer (*)(const std::string& content, const std::string& settings);
  constexpr std::pair<const char*, Read> kReaders[] = {
      {"tokenizer.json",
       [](const auto& json, const auto& settings) { return Tokenizer::from_json(json, settings); }},
      {"tokenizer.model",
       [](const auto& bytes, const auto&) {
         return Tokenizer::from_sentencepiece(std::as_bytes(std::span(bytes)));
       }},
      {"sentencepiece.bpe.model",
       [](const auto& bytes, const auto& settings) {
         return tokenizer_from_sentencepiece_class(bytes, settings);
       }},
      {"spiece.model",
       [](const auto& bytes, const auto& settings) {
         return tokenizer_from_sentencepiece_class(bytes, settings);
       }},
      {"vocab.txt", [](const auto& lines,
                       const auto& settings) { return tokenizer_from_vocab_txt(lines, settings); }},
  };
  for (const auto& reader : kReaders) {
    const auto content = optional_text(folder, reader.first);
    if (!content) continue;
    model.tokenizer =
        within((folder / reader.first).string(), [&] { return reader.second(*content, config); });
    return;
  }
}

void read_folder_text(const fs::path& folder, LoadedModel& model) {
  const std::string config_text = optional_text(folder, "tokenizer_config.json").value_or("");
  const Json config = optional_json(folder, "tokenizer_config.json");
  read_tokenizer(folder, config_text, model);
  model.generation_config = optional_json(folder, "generation_config.json");
  model.generation_config_source = (folder / "generation_config.json").string();
  if (model.generation_config.is_null()) {
    // Where text begins and ends is then what config.json says.
    const Json all = optional_json(folder, "config.json");
    model.generation_config_source = (folder / "config.json").string();
    for (const char* key :
         {"eos_token_id", "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id"}) {
      const Json* value = all.find(key);
      if (value && !value->is_null()) model.generation_config[key] = *value;
    }
  }
  Json variables = Json::object();
  for (const char* role : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                           "cls_token", "mask_token"}) {
    if (const std::string* token = token_text(config.find(role))) variables[role] = *token;
  }
  const auto own_file = optional_text(folder, "chat_template.jinja");
  within((folder / "tokenizer_config.json").string(),
         [&] { set_chat_template(own_file ? *own_file : template_of(config), variables, model); });
}

}  // namespace

void read_text_files(const fs::path& folder, const GgufFile* gguf, const std::string& source,
                     LoadedModel& model) {
  if (gguf) {
    within(source, [&] { read_gguf_text(*gguf, source, model); });
  } else {
    read_folder_text(folder, model);
  }
}

}  // namespace loquor
