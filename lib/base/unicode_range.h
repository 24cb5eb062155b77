// Looking a code point up in a sorted table of ranges, each with a first and a last.
#pragma once

#include <algorithm>
#include <cstddef>

namespace loquor::unicode {

/// The range that holds c, or nullptr.
template <class Range>
const Range* holding(const Range* table, std::size_t size, char32_t c) noexcept {
  const auto* found =
      std::lower_bound(table, table + size, c,
                       [](const Range& range, char32_t wanted) { return range.last < wanted; });
  return found != table + size && found->first <= c ? found : nullptr;
}

}  // namespace loquor::unicode
