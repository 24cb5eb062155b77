// What the older tables of other libraries and the boundaries of characters as users see them
// depend on, from Unicode 15.0: https://www.unicode.org/reports/tr44/
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loquor::unicode {

/// The full compatibility decomposition of a code point, canonical steps included, not reordered;
/// empty where it is the canonical one.
std::u32string_view compatibility(char32_t c) noexcept;

/// The first version of Unicode, rounded up to a whole number, that has the code point: 8 for all
/// up to 8.0 and for those without one.
int age(char32_t c) noexcept;

/// Where the extended grapheme cluster that starts at `begin` < text.size() ends. The rules are
/// those up to Unicode 15.0, which do not keep Indic conjuncts together; marks are known up
/// to 17.0. https://www.unicode.org/reports/tr29/
std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept;

// The tables behind them, sorted. Their definitions are generated: cmake/make_text_tables.py.
enum class GraphemeBreak : std::uint8_t {
  other,
  cr,
  lf,
  control,
  extend,
  zwj,
  spacingmark,
  prepend,
  regional_indicator,
  l,
  v,
  t,
  lv,
  lvt,
  pictographic,
};
struct Compatibility {
  char32_t code_point;
  std::uint16_t begin, size;  // of the pool
};
struct AgeRange {
  char32_t first, last;
  int age;
};
struct GraphemeBreakRange {
  char32_t first, last;
  GraphemeBreak value;
};
extern const Compatibility kCompatibilities[];
extern const char32_t kCompatibilityPool[];
extern const AgeRange kAges[];
extern const GraphemeBreakRange kGraphemeBreaks[];
extern const std::size_t kCompatibilitiesSize, kAgesSize, kGraphemeBreaksSize;

}  // namespace loquor::unicode
