// The trie comes from a file: every place that it names is checked.
#include "text/character_map.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/utf8.h"

namespace loquor {
namespace {

constexpr std::size_t kLongestKey =
    256;  // keys of real maps have at most some 20 bytes; a forged trie may have cycles

// One unit of a darts-clone array.
constexpr bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
constexpr std::uint32_t value(std::uint32_t unit) { return unit & 0x7FFFFFFF; }
constexpr std::uint32_t label(std::uint32_t unit) { return unit & 0x800000FF; }
constexpr std::uint32_t offset(std::uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }

}  // namespace

CharacterMap::CharacterMap(std::string_view blob) {
  if (blob.empty()) return;
  std::uint32_t bytes = 0;
  if (blob.size() >= 4) std::memcpy(&bytes, blob.data(), 4);
  if (blob.size() < 4 || bytes > blob.size() - 4 || bytes % 4 != 0 || bytes == 0) {
    fail(Code::invalid_file, "precompiled_charsmap of ", blob.size(), " bytes declares a trie of ",
         bytes, " bytes");
  }
  units_.resize(bytes / 4);
  std::memcpy(units_.data(), blob.data() + 4, bytes);
  replacements_ = blob.substr(4 + bytes);
  if (replacements_.empty() || replacements_.back() != '\0') {
    fail(Code::invalid_file, "the replacements of precompiled_charsmap do not end with a NUL");
  }
  if (!is_utf8(replacements_))
    fail(Code::invalid_file, "the replacements of precompiled_charsmap are not UTF-8");
}

CharacterMap::Match CharacterMap::find(std::string_view text, bool shortest) const noexcept {
  Match best;
  if (units_.empty()) return best;
  std::size_t node = offset(units_[0]);
  for (std::size_t i = 0; i < std::min(text.size(), kLongestKey); ++i) {
    node ^= static_cast<unsigned char>(text[i]);
    if (node >= units_.size() || label(units_[node]) != static_cast<unsigned char>(text[i])) break;
    const std::uint32_t unit = units_[node];
    node ^= offset(unit);
    if (!has_leaf(unit)) continue;
    if (node >= units_.size()) break;
    const std::size_t at = value(units_[node]);
    if (at >= replacements_.size() || (replacements_[at] & 0xC0) == 0x80) break;
    best = {i + 1, std::string_view(replacements_.data() + at)};
    if (shortest) break;
  }
  return best;
}

CharacterMap::Match CharacterMap::longest_prefix(std::string_view text) const noexcept {
  return find(text, false);
}

CharacterMap::Match CharacterMap::shortest_prefix(std::string_view text) const noexcept {
  return find(text, true);
}

}  // namespace loquor
