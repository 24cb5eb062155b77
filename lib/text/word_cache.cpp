// A newer word takes an older one's place.
#include "text/word_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace loquor {
namespace {

constexpr std::size_t kShortText = 2048;
constexpr std::size_t kMostEntries = 16384;

}  // namespace

WordCache::WordCache(std::size_t text_size) : key_(hash_key()) {
  if (text_size >= kShortText)
    entries_.resize(std::min(kMostEntries, std::bit_floor(text_size / 16)));
}

std::size_t WordCache::slot(std::string_view word) const noexcept {
  return hash(word, key_) & (entries_.size() - 1);
}

bool WordCache::find(std::string_view word, std::vector<WordToken>& tokens) const {
  if (entries_.empty() || word.size() > kLongestWord) return false;
  const Entry& entry = entries_[slot(word)];
  if (std::string_view(entry.word, entry.size) != word) return false;
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < entry.count; begin = entry.ends[i++]) {
    tokens.push_back({entry.ids[i], begin, entry.ends[i]});
  }
  return true;
}

void WordCache::insert(std::string_view word, const WordToken* tokens, std::size_t count) {
  if (entries_.empty() || word.size() > kLongestWord || count > kMostTokens) return;
  // A token that does not begin where the one before it ends (a dropped character) cannot be told
  // from ends alone.
  for (std::size_t i = 0; i < count; ++i) {
    if (tokens[i].begin != (i == 0 ? 0 : tokens[i - 1].end)) return;
  }
  Entry& entry = entries_[slot(word)];
  entry.size = static_cast<std::uint8_t>(word.size());
  entry.count = static_cast<std::uint8_t>(count);
  std::memcpy(entry.word, word.data(), word.size());
  for (std::size_t i = 0; i < count; ++i) {
    entry.ids[i] = tokens[i].id;
    entry.ends[i] = static_cast<std::uint8_t>(tokens[i].end);
  }
}

}  // namespace loquor
