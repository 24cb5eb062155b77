// The files of a sentence-transformers folder: how hidden states become one vector a text.
// https://sbert.net/docs/package_reference/sentence_transformer/models.html
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace loquor {

struct SentenceConfig {
  std::string pooling = "mean";                // "mean", "cls", "last" or "max"
  bool include_prompt = true;                  // a prompt's rows are pooled too
  bool normalize = false;                      // to length 1
  std::string similarity = "cosine";           // "cosine", "dot", "euclidean" or "manhattan"
  std::map<std::string, std::string> prompts;  // by role
  std::string default_role;                    // whose prompt goes in front where none is asked for
  std::int64_t max_length = 0;                 // tokens of a text; 0: not said
};

/// Reads modules.json and the files that it names; nothing where there is none. Throws Error naming
/// the file and what in it is not built.
std::optional<SentenceConfig> read_sentence_files(const std::filesystem::path& folder);

}  // namespace loquor
