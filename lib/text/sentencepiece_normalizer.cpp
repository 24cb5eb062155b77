// The order of the steps is that of SentencePiece's normalizer.cc, on which ids depend.
#include "text/sentencepiece_normalizer.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/space_mark.h"

namespace loquor {
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
