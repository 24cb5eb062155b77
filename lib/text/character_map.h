// "precompiled_charsmap": what SentencePiece replaces strings of a few characters by. A
// double-array trie (Darts) from strings to places in a block of NUL-ended replacements.
// https://github.com/s-yata/darts-clone
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loquor {

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
  /// The shortest.
  Match shortest_prefix(std::string_view text) const noexcept;

 private:
  Match find(std::string_view text, bool shortest) const noexcept;
  std::vector<std::uint32_t> units_;
  std::string replacements_;
};

}  // namespace loquor
