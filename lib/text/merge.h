// The loop that all byte-pair encodings share: merge the best pair of neighbours until none can be
// merged. Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units". O(n
// log n) by a heap.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace loquor {

/// A stretch of a word on its way to being a token.
struct Symbol {
  std::int32_t id;           // -1: not in the vocabulary
  std::uint32_t begin, end;  // bytes of the word; empty once merged into its left neighbour
  std::int32_t previous = -1, next = -1;
};

/// What merging two neighbours would give. Smaller priorities go first, the leftmost among equals.
struct Merge {
  std::uint32_t priority;
  std::int32_t id;
};

class Merger {
 public:
  void clear() { symbols_.clear(); }
  /// Adds a symbol behind the last.
  void add(std::int32_t id, std::size_t begin, std::size_t end);
  void extend_last(std::size_t end) { symbols_.back().end = static_cast<std::uint32_t>(end); }
  /// Merges as long as find(left, right), a std::optional<Merge>, gives something.
  template <class Find>
  void run(Find&& find);
  /// Calls fn(symbol) for each symbol that is left, in order.
  template <class Function>
  void for_each(Function&& fn) const {
    for (std::int32_t i = symbols_.empty() ? -1 : 0; i >= 0;
         i = symbols_[static_cast<std::size_t>(i)].next) {
      fn(symbols_[static_cast<std::size_t>(i)]);
    }
  }

 private:
  struct Candidate {
    std::uint64_t order;  // priority, then place
    std::uint32_t
        end;  // of the right symbol: tells whether the two are still those that were meant
    std::int32_t id;
    bool operator<(const Candidate& other) const noexcept {
      return order > other.order;
    }  // a min-heap
  };
  std::vector<Symbol> symbols_;
  std::vector<Candidate> heap_;
};

inline void Merger::add(std::int32_t id, std::size_t begin, std::size_t end) {
  const auto count = static_cast<std::int32_t>(symbols_.size());
  if (count > 0) symbols_.back().next = count;
  symbols_.push_back(
      {id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), count - 1, -1});
}

template <class Find>
void Merger::run(Find&& find) {
  heap_.clear();
  const auto candidate = [&](std::int32_t place) -> std::optional<Candidate> {
    const Symbol& left = symbols_[static_cast<std::size_t>(place)];
    const Symbol& right = symbols_[static_cast<std::size_t>(left.next)];
    const std::optional<Merge> merge = find(left, right);
    if (!merge) return std::nullopt;
    return Candidate{std::uint64_t{merge->priority} << 32 | static_cast<std::uint32_t>(place),
                     right.end, merge->id};
  };
  const auto push = [&](std::int32_t place) {
    if (const auto found = candidate(place)) {
      heap_.push_back(*found);
      std::push_heap(heap_.begin(), heap_.end());
    }
  };
  for (std::size_t i = 0; i + 1 < symbols_.size(); ++i) {
    if (const auto found = candidate(static_cast<std::int32_t>(i))) heap_.push_back(*found);
  }
  std::make_heap(heap_.begin(), heap_.end());
  while (!heap_.empty()) {
    const Candidate best = heap_.front();
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
    const auto place = static_cast<std::int32_t>(best.order & 0xFFFFFFFF);
    Symbol& left = symbols_[static_cast<std::size_t>(place)];
    if (left.begin == left.end || left.next < 0) continue;
    Symbol& right = symbols_[static_cast<std::size_t>(left.next)];
    if (right.end != best.end) continue;
    left.id = best.id;
    left.end = right.end;
    left.next = right.next;
    right.begin = right.end;
    if (left.next >= 0) {
      symbols_[static_cast<std::size_t>(left.next)].previous = place;
      push(place);
    }
    if (left.previous >= 0) push(left.previous);
  }
}

}  // namespace loquor
