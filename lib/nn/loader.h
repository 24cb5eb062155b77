// Opens a model's files and puts its parts together: spec, weights, tokenizer, chat template.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/json.h"
#include "loquor/chat_template.hpp"
#include "loquor/model.hpp"
#include "loquor/tokenizer.hpp"
#include "nn/key_value_cache.h"
#include "nn/sentence_files.h"
#include "nn/transformer.h"

namespace loquor {

/// All that a model's files say. What a file lacks is empty; a chat template that we cannot run is
/// kept as its error, so that the rest of the model works.
struct LoadedModel {
  Runtime runtime;
  ModelInfo info;
  std::optional<Transformer> transformer;  // empty after inspect()
  std::vector<CacheLayer> cache;           // of a session's own positions
  std::vector<CacheLayer> cross_cache;     // of its encoder's output
  std::string problem_type;                // transformers', of a head that chooses among labels
  std::string score_activation;        // of a sentence-transformers cross-encoder: a torch class
  bool last_id_first = false;          // of what a head reads in the decoder, rather than that id
  std::optional<std::int32_t> end_id;  // where a classifier of texts looks: at its last place
  std::optional<std::int32_t> padding_id;  // or, in a decoder, at the last place of another id
  std::variant<std::monostate, SentenceConfig, Error> sentence;  // as chat_template
  std::optional<Tokenizer> tokenizer;
  std::optional<Tokenizer> target_tokenizer;  // Marian's, for what it translates into
  std::variant<std::monostate, ChatTemplate, Error> chat_template;
  // generation_config.json, else what config.json says of it, or null; with the id that an
  // encoder-decoder's decoder begins with. Of GGUF: the ids that end a text.
  Json generation_config;
  std::string generation_config_source;
  Json task_parameters;  // task_specific_params of config.json, or null
  std::string prefix;    // of config.json: text in front of a task's
  std::uint64_t fingerprint =
      0;  // of the architecture and the stored weights' names, sizes and first bytes
};

/// Throws Error naming the file and what in it is wrong.
LoadedModel load_model(const std::string& path, const ModelOptions& options);
/// The same for a .gguf file's bytes.
LoadedModel load_model(const Bytes& gguf, const std::string& name, const ModelOptions& options);
/// load_model() without reading weights, tokenizer and template.
ModelInfo inspect_model(const std::string& path, const ModelOptions& options);

}  // namespace loquor
