// Look-ups for canonical normalisation: https://www.unicode.org/reports/tr15/ (Hangul:
// Unicode 15.0, section 3.12).
#include "base/unicode.h"

#include <algorithm>
#include <tuple>

namespace loquor::unicode {
namespace {

constexpr char32_t kSyllables = 0xAC00, kLeading = 0x1100, kVowels = 0x1161, kTrailing = 0x11A7;
constexpr char32_t kLeadingCount = 19, kVowelCount = 21, kTrailingCount = 28;
constexpr char32_t kSyllableCount = kLeadingCount * kVowelCount * kTrailingCount;

}  // namespace

std::uint8_t combining_class(char32_t c) noexcept {
  const auto* end = kCombiningClasses + kCombiningClassesSize;
  const auto* found = std::lower_bound(
      kCombiningClasses, end, c,
      [](const CombiningClass& entry, char32_t wanted) { return entry.code_point < wanted; });
  return found != end && found->code_point == c ? found->value : std::uint8_t{0};
}

std::optional<Pair> decompose(char32_t c) noexcept {
  if (c >= kSyllables && c < kSyllables + kSyllableCount) {
    const char32_t index = c - kSyllables;
    const char32_t trailing = index % kTrailingCount;
    if (trailing != 0) return Pair{c - trailing, kTrailing + trailing};
    return Pair{kLeading + index / (kVowelCount * kTrailingCount),
                kVowels + index / kTrailingCount % kVowelCount};
  }
  const auto* end = kDecompositions + kDecompositionsSize;
  const auto* found = std::lower_bound(
      kDecompositions, end, c,
      [](const Decomposition& entry, char32_t wanted) { return entry.code_point < wanted; });
  if (found == end || found->code_point != c) return std::nullopt;
  return Pair{found->first, found->second};
}

std::optional<char32_t> compose(char32_t first, char32_t second) noexcept {
  if (first - kLeading < kLeadingCount && second - kVowels < kVowelCount) {
    return kSyllables + ((first - kLeading) * kVowelCount + (second - kVowels)) * kTrailingCount;
  }
  if (first - kSyllables < kSyllableCount && (first - kSyllables) % kTrailingCount == 0 &&
      second > kTrailing && second < kTrailing + kTrailingCount) {
    return first + (second - kTrailing);
  }
  const auto* end = kCompositions + kCompositionsSize;
  const auto wanted = std::tie(first, second);
  const auto* found =
      std::lower_bound(kCompositions, end, wanted, [](const Composition& entry, const auto& pair) {
        return std::tie(entry.first, entry.second) < pair;
      });
  if (found == end || std::tie(found->first, found->second) != wanted) return std::nullopt;
  return found->composed;
}

}  // namespace loquor::unicode
