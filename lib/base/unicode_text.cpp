#include "base/unicode_text.h"

#include <algorithm>

#include "base/unicode_range.h"
#include "base/utf8.h"

namespace loquor::unicode {
namespace {

using enum GraphemeBreak;

GraphemeBreak grapheme_break(char32_t c) noexcept {
  if (c == '\r') return cr;
  if (c == '\n') return lf;
  if (c >= 0x20 && c < 0x7F) return other;
  if (c >= 0xAC00 && c < 0xD7A4) return (c - 0xAC00) % 28 == 0 ? lv : lvt;
  if (c >= 0x1F1E6 && c <= 0x1F1FF) return regional_indicator;
  const auto* found = holding(kGraphemeBreaks, kGraphemeBreaksSize, c);
  return found ? found->value : other;
}

// What lies before a place where a cluster may end.
struct Before {
  GraphemeBreak last = other;
  bool pictographic = false;       // a pictograph, perhaps with extensions, stands there
  bool joined_pictograph = false;  // the same, then a zero width joiner
  bool odd_indicators = false;     // an odd number of regional indicators

  void take(GraphemeBreak next) noexcept {
    joined_pictograph = next == zwj && pictographic;
    pictographic = next == GraphemeBreak::pictographic || (pictographic && next == extend);
    odd_indicators = next == regional_indicator && !odd_indicators;
    last = next;
  }

  bool goes_on(GraphemeBreak next) const noexcept {
    if (last == cr) return next == lf;
    if (last == lf || last == control || next == cr || next == lf || next == control) return false;
    if (next == extend || next == zwj || next == spacingmark || last == prepend) return true;
    if (last == l) return next == l || next == v || next == lv || next == lvt;
    if (last == lv || last == v) return next == v || next == t;
    if (last == lvt || last == t) return next == t;
    if (next == GraphemeBreak::pictographic) return joined_pictograph;
    return next == regional_indicator && odd_indicators;
  }
};

}  // namespace

std::u32string_view compatibility(char32_t c) noexcept {
  const auto* end = kCompatibilities + kCompatibilitiesSize;
  const auto* found = std::lower_bound(
      kCompatibilities, end, c,
      [](const Compatibility& entry, char32_t wanted) { return entry.code_point < wanted; });
  if (found == end || found->code_point != c) return {};
  return {kCompatibilityPool + found->begin, found->size};
}

int age(char32_t c) noexcept {
  const auto* found = holding(kAges, kAgesSize, c);
  return found ? found->age : 8;
}

std::size_t grapheme_end(std::string_view text, std::size_t begin) noexcept {
  Before before;
  std::size_t end = begin;
  before.take(grapheme_break(next_code_point(text, end)));
  while (end < text.size()) {
    std::size_t next = end;
    const GraphemeBreak value = grapheme_break(next_code_point(text, next));
    if (!before.goes_on(value)) break;
    before.take(value);
    end = next;
  }
  return end;
}

}  // namespace loquor::unicode
