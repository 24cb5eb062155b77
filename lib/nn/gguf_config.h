// A GGUF file's metadata as Hugging Face's config, tokenizer vocabulary and chat template.
#pragma once

#include <optional>
#include <string>

#include "io/gguf.h"
#include "nn/config.h"
#include "nn/sentence_files.h"
#include "text/vocabulary.h"

namespace loquor {

/// The metadata under `general.architecture` as a config with Hugging Face's keys. Throws
/// Error(unsupported) naming a key of the architecture that has no translation.
Config gguf_config(const GgufFile& file, const std::string& source);
/// How rows become one embedding, where pooling_type says so.
std::optional<SentenceConfig> gguf_sentence_config(const GgufFile& file);
/// The tokenizer.ggml.* metadata; nothing where the file has no vocabulary.
std::optional<GgufVocabulary> gguf_vocabulary(const GgufFile& file);
/// What generation_config.json would say: the ids that end a text, and the one that a decoder
/// begins with. Null where the file says neither.
Json gguf_generation_config(const GgufFile& file, const std::optional<GgufVocabulary>& vocabulary);
/// tokenizer.chat_template; empty where there is none.
std::string gguf_chat_template(const GgufFile& file);
/// Throws Error(unsupported) naming a tokenizer.* key that nobody has read.
void require_tokenizer_read(const GgufFile& file, const std::string& source);

}  // namespace loquor
