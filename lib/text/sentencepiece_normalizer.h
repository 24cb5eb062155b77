// SentencePiece's normalizer: a map of characters, spaces as U+2581, and what it does to spaces at
// the ends.
#pragma once

#include "text/aligned_text.h"
#include "text/character_map.h"
#include "text/string_set.h"

namespace loquor {

struct SentencePieceNormalizer {
  CharacterMap map;
  StringSet user_defined;  // kept as they are
  bool add_dummy_prefix;
  bool remove_extra_whitespaces;
  bool escape_whitespaces;
  AlignedText apply(const AlignedText& text) const;
};

}  // namespace loquor
