// The files of a model that concern text: tokenizer and chat template.
#pragma once

#include <filesystem>
#include <string>

#include "io/gguf.h"

namespace loquor {

struct LoadedModel;

/// Fills tokenizer and chat_template of `model` from a folder, or from `gguf` where it is given,
/// and then generation_config too. `tokenizer_class` is transformers', where no
/// tokenizer_config.json names one. Throws Error naming the file.
void read_text_files(const std::filesystem::path& folder, const GgufFile* gguf,
                     const std::string& source, const std::string& tokenizer_class,
                     LoadedModel& model);

}  // namespace loquor
