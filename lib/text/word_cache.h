// The tokens of words seen before in one text: most words of a long text are repetitions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/token_table.h"

namespace loquor {

/// A token of a word: its id, and the bytes of the word that it stands for.
struct WordToken {
  std::int32_t id;
  std::uint32_t begin, end;
};

/// Direct-mapped, of bounded size; lives as long as one call. A text too short to repeat itself
/// gets no memory.
class WordCache {
 public:
  explicit WordCache(std::size_t text_size);
  /// Appends the word's tokens if it is known.
  bool find(std::string_view word, std::vector<WordToken>& tokens) const;
  void insert(std::string_view word, const WordToken* tokens, std::size_t count);

 private:
  static constexpr std::size_t kLongestWord = 24, kMostTokens = 10;
  struct Entry {
    std::uint8_t size = 0, count = 0;
    char word[kLongestWord];
    std::int32_t ids[kMostTokens];
    std::uint8_t ends[kMostTokens];
  };
  std::size_t slot(std::string_view word) const noexcept;
  std::vector<Entry> entries_;
  std::uint64_t key_;
};

}  // namespace loquor
