// Tokenizers from the files that the tests of text use.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "io/gguf.h"
#include "loquor/tokenizer.hpp"
#include "text/vocabulary.h"
#include "text/vocabulary_files.h"

namespace loquor::tests {

using Ids = std::vector<std::int32_t>;

inline GgufVocabulary gguf_vocabulary(const std::filesystem::path& path) {
  const GgufFile file = read_gguf(path);
  const GgufMetadata& metadata = file.metadata;
  const auto key = [](const char* name) { return std::string("tokenizer.ggml.") + name; };
  GgufVocabulary vocabulary;
  vocabulary.model = metadata.string(key("model"));
  vocabulary.pre = metadata.string(key("pre"), "");
  for (const std::string_view token : metadata.strings(key("tokens")))
    vocabulary.tokens.emplace_back(token);
  if (metadata.has(key("scores"))) vocabulary.scores = metadata.numbers(key("scores"));
  if (metadata.has(key("token_type")))
    vocabulary.token_types = metadata.integers(key("token_type"));
  if (metadata.has(key("merges"))) {
    for (const std::string_view merge : metadata.strings(key("merges")))
      vocabulary.merges.emplace_back(merge);
  }
  const auto id = [&](const char* name, std::optional<std::int32_t>& value) {
    if (metadata.has(key(name))) value = static_cast<std::int32_t>(metadata.integer(key(name)));
  };
  id("bos_token_id", vocabulary.bos);
  id("eos_token_id", vocabulary.eos);
  id("unknown_token_id", vocabulary.unk);
  id("padding_token_id", vocabulary.pad);
  id("cls_token_id", vocabulary.cls);
  id("seperator_token_id", vocabulary.sep);
  const auto flag = [&](const char* name, std::optional<bool>& value) {
    if (metadata.has(key(name))) value = metadata.boolean(key(name));
  };
  flag("add_bos_token", vocabulary.add_bos);
  flag("add_eos_token", vocabulary.add_eos);
  flag("add_space_prefix", vocabulary.add_space_prefix);
  flag("remove_extra_whitespaces", vocabulary.remove_extra_whitespaces);
  return vocabulary;
}

/// By the file's name: a tokenizer.json, a GGUF file, a vocab.txt, else a SentencePiece model.
inline Tokenizer load_tokenizer(const std::filesystem::path& path) {
  if (path.extension() == ".json") return Tokenizer::from_json(read_text(path));
  if (path.extension() == ".gguf") return tokenizer_from_gguf(gguf_vocabulary(path));
  if (path.extension() == ".txt") return tokenizer_from_vocab_txt(read_text(path), "");
  return Tokenizer::from_sentencepiece(Bytes::map(path).span());
}

inline Ids ids_of(const Json& json) {
  Ids ids;
  for (const Json& id : json.as_array()) ids.push_back(static_cast<std::int32_t>(id.as_integer()));
  return ids;
}

inline std::string streamed(const Tokenizer& tokenizer, const Ids& ids, bool skip_special_tokens) {
  Tokenizer::Stream stream(tokenizer, skip_special_tokens);
  std::string text;
  for (const std::int32_t id : ids) text += stream.push(id);
  return text + stream.finish();
}

}  // namespace loquor::tests
