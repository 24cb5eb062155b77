// The tables behind unicode.h. Their definitions are generated: cmake/make_unicode_tables.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace loquor::unicode {

struct CombiningClass {
  char32_t code_point;
  std::uint8_t value;
};
struct Decomposition {
  char32_t code_point, first, second;  // second is 0 for a mapping to one code point
};
struct Composition {
  char32_t first, second, composed;
};

// Two stages: a code point's block of 128, then its properties within it: bits 0-4 the category,
// bit 5 white space, bit 6 "may change under NFC or be reordered", bit 7 a character of words.
extern const std::uint16_t kBlockOf[0x110000 / 128];
extern const std::uint8_t kProperties[];
// Sorted by code point, or by (first, second).
extern const CombiningClass kCombiningClasses[];
extern const Decomposition kDecompositions[];
extern const Composition kCompositions[];
extern const std::size_t kCombiningClassesSize, kDecompositionsSize, kCompositionsSize;

}  // namespace loquor::unicode
