// SentencePiece's normalizer: a precompiled map of characters, spaces as U+2581, and what it does
// to spaces at the ends.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/aligned_text.h"
#include "text/string_set.h"

namespace loquor {

/// "precompiled_charsmap": a double-array trie (Darts) from strings to places in a block of
/// NUL-ended replacements. https://github.com/s-yata/darts-clone
class CharacterMap {
 public:
  /// An empty blob is the identity. Throws Error(invalid_file) for one that is malformed.
  explicit CharacterMap(std::string_view blob);
  struct Match {
    std::size_t size = 0;  // bytes of the text that are replaced; 0 for no match
    std::string_view replacement;
  };
  /// The longest string of the map that `text` starts with.
  Match longest_prefix(std::string_view text) const noexcept;

 private:
  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

struct SentencePieceNormalizer {
  CharacterMap map;
  StringSet user_defined;  // kept as they are
  bool add_dummy_prefix;
  bool remove_extra_whitespaces;
  bool escape_whitespaces;
  AlignedText apply(const AlignedText& text) const;
};

}  // namespace loquor
