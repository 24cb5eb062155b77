// A GGUF file's metadata as Hugging Face's config, tokenizer vocabulary and chat template.
#pragma once

#include <optional>
#include <string>

#include "io/gguf.h"
#include "nn/config.h"
#include "text/vocabulary.h"

namespace loquor {

/// The metadata under `general.architecture` as a config with Hugging Face's keys. Throws
/// Error(unsupported) naming a key of the architecture that has no translation.
Config gguf_config(const GgufFile& file, const std::string& source);
/// The tokenizer.ggml.* metadata; nothing where the file has no vocabulary.
std::optional<GgufVocabulary> gguf_vocabulary(const GgufFile& file);
/// tokenizer.chat_template; empty where there is none.
std::string gguf_chat_template(const GgufFile& file);
/// Throws Error(unsupported) naming a tokenizer.* key that nobody has read.
void require_tokenizer_read(const GgufFile& file, const std::string& source);

}  // namespace loquor
