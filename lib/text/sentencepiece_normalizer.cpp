// The order of the steps is that of SentencePiece's normalizer.cc, on which ids depend.
#include "text/sentencepiece_normalizer.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/utf8.h"
#include "text/space_mark.h"

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

CharacterMap::Match CharacterMap::longest_prefix(std::string_view text) const noexcept {
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
  }
  return best;
}

namespace {

// One call of apply().
class Pass {
 public:
  Pass(const SentencePieceNormalizer& rules, const AlignedText& from)
      : rules_(rules),
        text_(from.text()),
        space_(rules.escape_whitespaces ? kSpaceMark : std::string_view(" ")),
        rewrite_(from) {}

  AlignedText run() {
    std::size_t at = rules_.remove_extra_whitespaces ? first_kept() : 0;
    if (at == text_.size()) return rewrite_.finish();
    if (rules_.add_dummy_prefix) rewrite_.replace(at, at, space_);
    bool after_space = rules_.remove_extra_whitespaces;
    while (at < text_.size()) {
      const Chunk chunk = next_chunk(at);
      const std::size_t size = chunk.replacement.size();
      const std::size_t skipped =
          after_space ? std::min(chunk.replacement.find_first_not_of(' '), size) : 0;
      write(chunk, skipped);
      if (skipped < size) {
        after_space = rules_.remove_extra_whitespaces && chunk.replacement.ends_with(' ');
      }
      at = chunk.end;
    }
    AlignedText result = rewrite_.finish();
    if (!rules_.remove_extra_whitespaces || !result.text().ends_with(space_)) return result;
    std::size_t end = result.size();
    while (result.text().substr(0, end).ends_with(space_)) end -= space_.size();
    return result.slice(0, end);
  }

 private:
  // What is replaced as one: a user-defined symbol, a string of the map, or a character.
  struct Chunk {
    std::size_t begin, end;
    std::string_view replacement;
    bool verbatim;  // the replacement is the text itself
  };

  Chunk next_chunk(std::size_t at) const {
    const std::string_view rest = text_.substr(at);
    std::size_t size = rules_.user_defined.longest_prefix(rest).size;
    if (size == 0) {
      const CharacterMap::Match match = rules_.map.longest_prefix(rest);
      if (match.size != 0) return {at, at + match.size, match.replacement, false};
      next_code_point(rest, size);
    }
    return {at, at + size, rest.substr(0, size), true};
  }

  // Behind the chunks at the front that are spaces.
  std::size_t first_kept() const {
    std::size_t at = 0;
    while (at < text_.size()) {
      const Chunk chunk = next_chunk(at);
      if (chunk.replacement != " ") break;
      at = chunk.end;
    }
    return at;
  }

  // Writes a chunk from its byte `i` on, its spaces in the form they are to have.
  void write(const Chunk& chunk, std::size_t i) {
    const auto& [begin, end, replacement, verbatim] = chunk;
    while (i < replacement.size()) {
      const std::size_t found = std::min(replacement.find(' ', i), replacement.size());
      const bool is_space = found == i;
      const std::size_t next = is_space ? i + 1 : found;
      const std::string_view part = is_space ? space_ : replacement.substr(i, next - i);
      if (!verbatim) {
        rewrite_.replace(begin, end, part);
      } else if (is_space) {
        rewrite_.replace(begin + i, begin + next, part);
      } else {
        rewrite_.keep(begin + i, begin + next);
      }
      i = next;
    }
  }

  const SentencePieceNormalizer& rules_;
  std::string_view text_, space_;
  Rewrite rewrite_;
};

}  // namespace

AlignedText SentencePieceNormalizer::apply(const AlignedText& text) const {
  return Pass(*this, text).run();
}

}  // namespace loquor
