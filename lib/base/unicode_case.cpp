#include "base/unicode_case.h"

#include "base/unicode_range.h"

namespace loquor::unicode {
namespace {

char32_t moved(const CaseRun* run, char32_t c) noexcept {
  if (!run || (c - run->first) % run->step != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + run->delta);
}

}  // namespace

std::optional<char32_t> to_upper(char32_t c) noexcept {
  if (holding(kUpperRefused, kUpperRefusedSize, c)) return std::nullopt;
  return moved(holding(kUpper, kUpperSize, c), c);
}

std::optional<char32_t> to_lower(char32_t c) noexcept {
  if (holding(kLowerRefused, kLowerRefusedSize, c)) return std::nullopt;
  return moved(holding(kLower, kLowerSize, c), c);
}

}  // namespace loquor::unicode
