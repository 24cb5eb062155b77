// A set of strings that finds the longest of them at a place in a text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loquor {

/// Each string has a number that the caller gives. Built once, then read by any thread.
class StringSet {
 public:
  struct Match {
    std::size_t size = 0;  // 0: none
    std::int32_t number = -1;
  };
  StringSet() = default;
  /// Strings must be unique and not empty; at most 512 bytes each, which bounds the work a byte of
  /// text.
  explicit StringSet(std::vector<std::pair<std::string, std::int32_t>> strings);

  bool empty() const noexcept { return strings_.empty(); }
  /// Whether a string of the set starts with this byte.
  bool starts_with(char byte) const noexcept {
    return first_[static_cast<unsigned char>(byte)].begin !=
           first_[static_cast<unsigned char>(byte)].end;
  }
  /// The longest string that starts at the front of `text` and that accept(number, size) agrees to.
  template <class Accept>
  Match longest_prefix(std::string_view text, Accept&& accept) const {
    Match best;
    if (text.empty() || strings_.empty()) return best;
    Range range = first_[static_cast<unsigned char>(text[0])];
    for (std::size_t depth = 1; range.begin != range.end; ++depth) {
      const auto& [shortest, number] = strings_[range.begin];
      if (shortest.size() == depth) {  // sorted, so the shortest of a range is its first
        if (accept(number, depth)) best = {depth, number};
        ++range.begin;
      }
      if (depth == text.size()) break;
      range = narrow(range, depth, text[depth]);
    }
    return best;
  }
  Match longest_prefix(std::string_view text) const {
    return longest_prefix(text, [](std::int32_t, std::size_t) { return true; });
  }

 private:
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  // The strings of a range, equal up to `depth`, whose next byte is `byte`.
  Range narrow(Range range, std::size_t depth, char byte) const;
  std::vector<std::pair<std::string, std::int32_t>> strings_;  // sorted
  std::vector<Range> first_ = std::vector<Range>(256);
};

}  // namespace loquor
