// A set of strings that finds those that start at a place in a text: a trie, laid out level by
// level.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
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
  /// Strings must be unique and not empty, else Error(invalid_file); at most 512 bytes each, which
  /// bounds the work a byte of text, else Error(unsupported). They are not kept.
  explicit StringSet(std::vector<std::pair<std::string_view, std::int32_t>> strings);

  bool empty() const noexcept { return nodes_.empty(); }
  /// Whether a string of the set starts with this byte.
  bool starts_with(char byte) const noexcept { return child(0, byte) != 0; }
  /// Calls found(number, size) for each string that starts at the front of `text`, shortest first.
  template <class Found>
  void for_each_prefix(std::string_view text, Found&& found) const {
    std::uint32_t node = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      node = child(node, text[i]);
      if (node == 0) return;
      if (nodes_[node].number >= 0) found(nodes_[node].number, i + 1);
    }
  }
  /// The longest string that starts at the front of `text` and that accept(number, size) agrees to.
  template <class Accept>
  Match longest_prefix(std::string_view text, Accept&& accept) const {
    Match best;
    for_each_prefix(text, [&](std::int32_t number, std::size_t size) {
      if (accept(number, size)) best = {size, number};
    });
    return best;
  }
  Match longest_prefix(std::string_view text) const {
    return longest_prefix(text, [](std::int32_t, std::size_t) { return true; });
  }

 private:
  struct Node {
    std::uint32_t children;  // they stand in a row, up to those of the next node
    std::int32_t number;     // -1: no string ends here
  };
  // The child by that byte; 0, which is the root, for none.
  std::uint32_t child(std::uint32_t node, char byte) const noexcept;
  std::vector<Node> nodes_;            // and one behind the last; none for no strings
  std::vector<unsigned char> labels_;  // the byte that leads to each node
};

}  // namespace loquor
