// Upper and lower case of single code points, from Unicode 15.0:
// https://www.unicode.org/reports/tr44/
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace loquor::unicode {

/// The code point in that case, itself where it has none; nothing where the mapping is of several
/// code points, depends on what stands around it, or is another at the start of a word.
std::optional<char32_t> to_upper(char32_t c) noexcept;
std::optional<char32_t> to_lower(char32_t c) noexcept;

// The tables behind them, sorted. Their definitions are generated: cmake/make_case_tables.py.
struct CaseRun {
  char32_t first, last;
  std::uint32_t step;
  std::int32_t delta;  // what every step-th code point from first to last moves by
};
struct CodePoints {
  char32_t first, last;
};
extern const CaseRun kUpper[], kLower[];
extern const CodePoints kUpperRefused[], kLowerRefused[];
extern const std::size_t kUpperSize, kLowerSize, kUpperRefusedSize, kLowerRefusedSize;

}  // namespace loquor::unicode
