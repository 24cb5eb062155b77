// Properties of code points, from Unicode 15.0: https://www.unicode.org/reports/tr44/
#pragma once

#include <cstdint>
#include <optional>

#include "base/unicode_tables.h"

namespace loquor::unicode {

enum class Category : std::uint8_t {
  Lu,
  Ll,
  Lt,
  Lm,
  Lo,  // letters
  Mn,
  Mc,
  Me,  // marks
  Nd,
  Nl,
  No,  // numbers
  Pc,
  Pd,
  Ps,
  Pe,
  Pi,
  Pf,
  Po,  // punctuation
  Sm,
  Sc,
  Sk,
  So,  // symbols
  Zs,
  Zl,
  Zp,  // separators
  Cc,
  Cf,
  Cs,
  Co,
  Cn,  // others; Cn: not assigned
};

inline std::uint8_t properties(char32_t c) noexcept {
  return c < 0x110000 ? kProperties[kBlockOf[c >> 7] * 128 + (c & 127)]
                      : static_cast<std::uint8_t>(Category::Cn);
}
inline Category category(char32_t c) noexcept { return static_cast<Category>(properties(c) & 31); }

inline bool is_letter(char32_t c) noexcept { return category(c) <= Category::Lo; }
inline bool is_mark(char32_t c) noexcept {
  return category(c) >= Category::Mn && category(c) <= Category::Me;
}
inline bool is_number(char32_t c) noexcept {
  return category(c) >= Category::Nd && category(c) <= Category::No;
}
inline bool is_punctuation(char32_t c) noexcept {
  return category(c) >= Category::Pc && category(c) <= Category::Po;
}
inline bool is_symbol(char32_t c) noexcept {
  return category(c) >= Category::Sm && category(c) <= Category::So;
}
/// White_Space: what \s means.
inline bool is_white_space(char32_t c) noexcept { return (properties(c) & 0x20) != 0; }
/// Alphabetic, mark, decimal number, connector or join control: what \w means.
inline bool is_word(char32_t c) noexcept { return (properties(c) & 0x80) != 0; }

/// Whether NFC can change, reorder or compose this code point with the one before it. A text
/// without any is in NFC.
inline bool is_active_in_nfc(char32_t c) noexcept { return (properties(c) & 0x40) != 0; }
std::uint8_t combining_class(char32_t c) noexcept;

struct Pair {
  char32_t first, second;  // second is 0 for a mapping to one code point
};
/// One step of canonical decomposition, Hangul included.
std::optional<Pair> decompose(char32_t c) noexcept;
/// The primary composite of two code points, Hangul included.
std::optional<char32_t> compose(char32_t first, char32_t second) noexcept;

}  // namespace loquor::unicode
