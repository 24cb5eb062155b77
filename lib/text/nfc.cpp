// Unicode normalisation form C, with the source of each character:
// https://www.unicode.org/reports/tr15/
#include <algorithm>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/normalizer.h"

namespace loquor {
namespace {

struct Character {
  char32_t code_point;
  std::uint8_t combining_class;
  Source source;
};

void append_decomposed(char32_t c, Source source, std::vector<Character>& out) {
  // A mapping's second code point never decomposes further, its first may (at most three times
  // over).
  const auto pair = unicode::decompose(c);
  if (!pair) {
    out.push_back({c, unicode::combining_class(c), source});
    return;
  }
  append_decomposed(pair->first, source, out);
  if (pair->second != 0) append_decomposed(pair->second, source, out);
}

void order(std::vector<Character>& characters) {
  const auto is_starter = [](const Character& c) { return c.combining_class == 0; };
  for (auto begin = characters.begin(); begin != characters.end();) {
    begin = std::find_if_not(begin, characters.end(), is_starter);
    const auto end = std::find_if(begin, characters.end(), is_starter);
    std::stable_sort(begin, end, [](const Character& a, const Character& b) {
      return a.combining_class < b.combining_class;
    });
    begin = end;
  }
}

void compose(std::vector<Character>& characters) {
  std::size_t size = 0;            // of what is composed so far
  std::size_t starter = SIZE_MAX;  // the last starter in it
  for (const Character& c : characters) {
    // Blocked: something between the starter and c has a class that is zero or not below c's.
    const bool adjacent = starter != SIZE_MAX && starter + 1 == size;
    const bool blocked = starter == SIZE_MAX ||
                         (!adjacent && characters[size - 1].combining_class >= c.combining_class);
    const auto composed =
        blocked ? std::nullopt : unicode::compose(characters[starter].code_point, c.code_point);
    if (composed) {
      Source& source = characters[starter].source;
      source = {std::min(source.begin, c.source.begin), std::max(source.end, c.source.end)};
      characters[starter].code_point = *composed;
    } else {
      if (c.combining_class == 0) starter = size;
      characters[size++] = c;
    }
  }
  characters.resize(size);
}

// The position of the first character at or after `at` that NFC can change, with the one before it
// in `before`.
std::size_t find_active(std::string_view text, std::size_t at, std::size_t& before) {
  before = at;
  while (at < text.size()) {
    std::size_t next = at;
    if (unicode::is_active_in_nfc(next_code_point(text, next))) break;
    before = at;
    at = next;
  }
  return at;
}

}  // namespace

AlignedText Nfc::apply(AlignedText aligned) const {
  const std::string_view text = aligned.text();
  std::size_t begin = 0;
  std::size_t active = find_active(text, 0, begin);
  if (active == text.size()) return aligned;
  Rewrite rewrite(aligned);
  std::vector<Character> characters;
  std::string utf8;
  for (std::size_t done = 0;;) {
    // A segment is the inactive character before and all active ones behind it: nothing acts across
    // its ends.
    rewrite.keep(done, begin);
    characters.clear();
    std::size_t end = begin;
    while (end < text.size()) {
      std::size_t next = end;
      const char32_t c = next_code_point(text, next);
      if (end > active && !unicode::is_active_in_nfc(c)) break;
      append_decomposed(c, aligned.source(end, next), characters);
      end = next;
    }
    order(characters);
    compose(characters);
    for (const Character& c : characters) {
      utf8.clear();
      append_utf8(utf8, c.code_point);
      rewrite.append(utf8, c.source);
    }
    done = end;
    active = find_active(text, done, begin);
    if (active == text.size()) {
      rewrite.keep(done, text.size());
      return rewrite.finish();
    }
  }
}

}  // namespace loquor
