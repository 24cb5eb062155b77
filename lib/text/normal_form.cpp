// Unicode's normalisation forms, with the source of each character:
// https://www.unicode.org/reports/tr15/
// What came after Unicode 9.0 is left as it is: the tables of Hugging Face tokenizers end there.
#include <algorithm>

#include "base/unicode.h"
#include "base/unicode_text.h"
#include "base/utf8.h"
#include "text/normalizer.h"

namespace loquor {
namespace {

struct Character {
  char32_t code_point;
  std::uint8_t combining_class;
  Source source;
};

bool is_known(char32_t c) noexcept { return unicode::age(c) <= 9; }

std::uint8_t combining_class(char32_t c) noexcept {
  const std::uint8_t found = unicode::combining_class(c);
  return found != 0 && is_known(c) ? found : 0;
}

// Whether the form can change a code point, reorder it or compose it with the one before.
bool is_active(const NormalForm& form, char32_t c) noexcept {
  if (c < 0x80) return false;
  if (form.compatible && !unicode::compatibility(c).empty()) return true;
  return form.composed ? unicode::is_active_in_nfc(c)
                       : unicode::combining_class(c) != 0 || unicode::decompose(c).has_value();
}

void append_decomposed(char32_t c, Source source, std::vector<Character>& out) {
  // A mapping's second code point never decomposes further, its first may (at most three times
  // over).
  const auto pair = unicode::decompose(c);
  if (!pair || !is_known(c)) {
    out.push_back({c, combining_class(c), source});
    return;
  }
  append_decomposed(pair->first, source, out);
  if (pair->second != 0) append_decomposed(pair->second, source, out);
}

void append_decomposed(const NormalForm& form, char32_t c, Source source,
                       std::vector<Character>& out) {
  const auto full = form.compatible ? unicode::compatibility(c) : std::u32string_view();
  if (full.empty() || !is_known(c)) return append_decomposed(c, source, out);
  for (const char32_t part : full) out.push_back({part, combining_class(part), source});
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
    if (composed && is_known(*composed)) {
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

// The position of the first active character at or after `at`, with the one before it in `before`.
std::size_t find_active(const NormalForm& form, std::string_view text, std::size_t at,
                        std::size_t& before) {
  before = at;
  while (at < text.size()) {
    std::size_t next = at;
    if (is_active(form, next_code_point(text, next))) break;
    before = at;
    at = next;
  }
  return at;
}

}  // namespace

AlignedText NormalForm::apply(AlignedText aligned) const {
  const std::string_view text = aligned.text();
  std::size_t begin = 0;
  std::size_t active = find_active(*this, text, 0, begin);
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
      if (end > active && !is_active(*this, c)) break;
      append_decomposed(*this, c, aligned.source(end, next), characters);
      end = next;
    }
    order(characters);
    if (composed) compose(characters);
    for (const Character& c : characters) {
      utf8.clear();
      append_utf8(utf8, c.code_point);
      rewrite.append(utf8, c.source);
    }
    done = end;
    active = find_active(*this, text, done, begin);
    if (active == text.size()) {
      rewrite.keep(done, text.size());
      return rewrite.finish();
    }
  }
}

}  // namespace loquor
