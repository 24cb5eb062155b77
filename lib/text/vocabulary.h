// A vocabulary as plain data: what a GGUF file's tokenizer.ggml.* metadata say. The loader fills
// it; text knows no file format but its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loquor/tokenizer.hpp"

namespace loquor {

struct GgufVocabulary {
  std::string model;  // tokenizer.ggml.model: "gpt2" (byte-level BPE), "llama" (SentencePiece BPE),
                      // "t5" (Unigram), "bert" (WordPiece)
  std::string pre;    // tokenizer.ggml.pre: which pre-tokenizer; "" when the file has none
  std::vector<std::string> tokens;
  std::vector<float> scores;              // empty, or one a token
  std::vector<std::int64_t> token_types;  // empty, or one a token: 1 normal, 2 unknown, 3 control,
                                          // 4 user, 5 unused, 6 byte
  std::vector<std::string> merges;        // "left right", in order of rank
  std::optional<std::int32_t> bos, eos, unk, pad, cls, sep;
  std::optional<std::int32_t> eot, eom;  // end of a turn, of a message: generation ends there too
  std::optional<bool> add_bos, add_eos, add_space_prefix, remove_extra_whitespaces;
  std::optional<bool> lowercase, strip_accents;  // of "bert"
  std::string character_map;                     // of "t5": SentencePiece's precompiled_charsmap
};

/// Throws Error(unsupported) for a model or pre-tokenizer that is not known, naming it and those
/// that are.
Tokenizer tokenizer_from_gguf(GgufVocabulary vocabulary);

}  // namespace loquor
