// Normalizers: they rewrite a text before it is cut into words.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "text/aligned_text.h"
#include "text/sentencepiece_normalizer.h"

namespace loquor {

/// Unicode normalisation form C.
struct Nfc {
  AlignedText apply(AlignedText text) const;
};

/// Puts a string before any text that is not empty.
struct Prepend {
  std::string prefix;
  AlignedText apply(AlignedText text) const;
};

/// Replaces each occurrence of a string, from left to right.
struct Replace {
  std::string pattern, content;
  AlignedText apply(AlignedText text) const;
};

using Normalizer = std::variant<Nfc, Prepend, Replace, SentencePieceNormalizer>;

/// Reads tokenizer.json's "normalizer"; a Sequence is flattened. Refuses what it does not know.
std::vector<Normalizer> parse_normalizer(const Json& json);

AlignedText normalize(const std::vector<Normalizer>& steps, AlignedText text);

}  // namespace loquor
