// Normalizers: they rewrite a text before it is cut into words.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "text/aligned_text.h"
#include "text/character_map.h"
#include "text/sentencepiece_normalizer.h"

namespace loquor {

/// Unicode's forms: C is composed, KC compatible too, D neither, KD compatible.
struct NormalForm {
  bool composed, compatible;
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

/// Replaces each run of two or more spaces.
struct ReplaceSpaces {
  std::string content;
  AlignedText apply(AlignedText text) const;
};

/// Removes white space at the ends.
struct Strip {
  bool left, right;
  AlignedText apply(AlignedText text) const;
};

struct Lowercase {
  AlignedText apply(AlignedText text) const;
};

/// Removes combining marks, as they stand.
struct StripAccents {
  AlignedText apply(AlignedText text) const;
};

/// Removes control characters and makes spaces of white space and marks of direction, as Google's
/// translation models want it.
struct Nmt {
  AlignedText apply(AlignedText text) const;
};

/// BERT's cleaning, each step by choice: control characters and white space, spaces around Chinese
/// characters, accents, case.
struct BertNormalizer {
  bool clean_text, handle_chinese_chars, strip_accents, lowercase;
  AlignedText apply(AlignedText text) const;
};

/// SentencePiece's map of characters as Hugging Face tokenizers apply it: to grapheme clusters of
/// less than six bytes by the shortest string that they start with, else to single characters.
struct Precompiled {
  CharacterMap map;
  AlignedText apply(AlignedText text) const;
};

using Normalizer =
    std::variant<NormalForm, Prepend, Replace, ReplaceSpaces, Strip, Lowercase, StripAccents, Nmt,
                 BertNormalizer, Precompiled, SentencePieceNormalizer>;

/// Reads tokenizer.json's "normalizer"; a Sequence is flattened. Refuses what it does not know.
std::vector<Normalizer> parse_normalizer(const Json& json);

AlignedText normalize(const std::vector<Normalizer>& steps, AlignedText text);

}  // namespace loquor
