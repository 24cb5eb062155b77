// BERT's normalizer: https://huggingface.co/docs/tokenizers/api/normalizers
#include "text/bert.h"

#include <algorithm>

#include "base/unicode.h"
#include "base/unicode_text.h"
#include "text/normalizer.h"

namespace loquor {
namespace bert {
namespace {

using unicode::Category;

// Since then these have changed: U+111C9 and U+166D are no longer punctuation, U+1734 no longer is
// a nonspacing mark, and the others have become such.
constexpr char32_t kPunctuationThen[] = {0x166D, 0x111C9};
constexpr char32_t kOtherThen[] = {0x1885, 0x1886, 0xA9BD, 0x111C9};

template <std::size_t Size>
bool is_among(const char32_t (&list)[Size], char32_t c) noexcept {
  return std::find(std::begin(list), std::end(list), c) != std::end(list);
}

Category category(char32_t c) noexcept {
  return unicode::age(c) > 8 ? Category::Cn : unicode::category(c);
}

}  // namespace

bool is_punctuation(char32_t c) noexcept {
  if (c < 0x80) {
    return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') ||
           (c > 'z' && c < 0x7F);
  }
  return (unicode::is_punctuation(c) && unicode::age(c) <= 8) || is_among(kPunctuationThen, c);
}

bool is_nonspacing_mark(char32_t c) noexcept {
  if (c < 0x300) return false;
  return (category(c) == Category::Mn && !is_among(kOtherThen, c)) || c == 0x1734;
}

bool is_control(char32_t c) noexcept {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  const Category found = unicode::category(c);
  return found == Category::Cc || found == Category::Co ||
         (found == Category::Cf && unicode::age(c) <= 8);
}

}  // namespace bert

namespace {

AlignedText cleaned(const AlignedText& text) {
  return rewrite_characters(text,
                            [](char32_t c, std::size_t begin, std::size_t end, Rewrite& rewrite) {
                              if (c == 0 || c == 0xFFFD || bert::is_control(c)) return;
                              if (c != ' ' && unicode::is_white_space(c)) {
                                rewrite.replace(begin, end, " ");
                              } else {
                                rewrite.keep(begin, end);
                              }
                            });
}

// Characters of the blocks of ideographs, but for a few that the original lists leave out.
bool is_chinese(char32_t c) noexcept {
  return (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

AlignedText with_spaces_around_chinese(const AlignedText& text) {
  return rewrite_characters(text,
                            [](char32_t c, std::size_t begin, std::size_t end, Rewrite& rewrite) {
                              const bool chinese = is_chinese(c);
                              if (chinese) rewrite.replace(begin, begin, " ");
                              rewrite.keep(begin, end);
                              if (chinese) rewrite.replace(end, end, " ");
                            });
}

AlignedText without_accents(AlignedText text) {
  return rewrite_characters(NormalForm{false, false}.apply(std::move(text)),
                            [](char32_t c, std::size_t begin, std::size_t end, Rewrite& rewrite) {
                              if (!bert::is_nonspacing_mark(c)) rewrite.keep(begin, end);
                            });
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

}  // namespace

AlignedText BertNormalizer::apply(AlignedText text) const {
  if (clean_text) text = cleaned(text);
  const bool ascii = is_ascii(text.text());
  if (handle_chinese_chars && !ascii) text = with_spaces_around_chinese(text);
  if (strip_accents && !ascii) text = without_accents(std::move(text));
  if (lowercase) text = Lowercase{}.apply(std::move(text));
  return text;
}

}  // namespace loquor
