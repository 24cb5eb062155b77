#include "nn/generation_files.h"

#include "base/bytes.h"
#include "base/error.h"
#include "nn/config.h"
#include "nn/loader.h"

namespace loquor {

namespace {

// transformers 3 wrote its default out, of which it then took no notice.
constexpr std::int64_t kUnsaidMaxLength = 20;

Json read_json(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  return within(path.string(), [&] {
    Json file = Json::parse(read_text(path));
    file.as_object();
    return file;
  });
}

const Json* find_set(const Json& config, std::string_view key) {
  const Json* value = config.find(key);
  return value && !value->is_null() ? value : nullptr;
}

// As transformers makes a GenerationConfig of a model's config.
Json generation_of(const Json& config) {
  Json generation;
  for (const std::string_view key : generation_keys()) {
    const Json* value = find_set(config, key);
    if (value && !(key == "max_length" && *value == Json(kUnsaidMaxLength)))
      generation[key] = *value;
  }
  return generation;
}

struct File {
  std::string path;
  Json json;
};

// What the decoder of an encoder-decoder reads first: decoder_start_token_id, else bos_token_id, of
// the first file that has one of them. Null where none has.
Json decoder_start(std::initializer_list<const File*> files, std::int64_t vocabulary) {
  for (const File* file : files) {
    for (const char* key : {"decoder_start_token_id", "bos_token_id"}) {
      const Json* value = find_set(file->json, key);
      if (!value) continue;
      const std::int64_t id =
          within(text(file->path, ": ", key), [&] { return value->as_integer(); });
      if (id >= 0 && id < vocabulary) return id;
      fail(Code::invalid_file, file->path, ": ", key, " is ", id, ", and the vocabulary has ",
           vocabulary);
    }
  }
  return {};
}

}  // namespace

void read_generation_files(const std::filesystem::path& folder, const ModelSpec& spec,
                           LoadedModel& model) {
  const File config{(folder / "config.json").string(), read_json(folder / "config.json")};
  const auto own = folder / "generation_config.json";
  File generation{own.string(), read_json(own)};
  if (generation.json.is_null()) generation = {config.path, generation_of(config.json)};
  if (spec.encoder && spec.decoder) {
    const Json start = decoder_start({&generation, &config}, spec.vocabulary);
    if (!start.is_null()) generation.json["decoder_start_token_id"] = start;
  }
  model.generation_config = std::move(generation.json);
  model.generation_config_source = generation.path;
  if (const Json* tasks = find_set(config.json, "task_specific_params"))
    model.task_parameters = *tasks;
  if (const Json* prefix = find_set(config.json, "prefix"); prefix && prefix->is_string())
    model.prefix = prefix->as_string();
}

}  // namespace loquor
