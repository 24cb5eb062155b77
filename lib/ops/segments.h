// Segments: which rows of a packed batch belong to which sequence.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace loquor {

/// The rows of one sequence: `rows` of them from `first_row`, at positions first_position,
/// first_position + 1, ...
struct Segment {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t first_position = 0;
};

/// The sequences of a packed batch, end to end in the order in which they are added.
class Segments {
 public:
  void add(std::int64_t rows, std::int64_t first_position);

  std::int64_t rows() const noexcept { return static_cast<std::int64_t>(positions_.size()); }
  std::int64_t count() const noexcept { return static_cast<std::int64_t>(list_.size()); }
  const Segment& operator[](std::int64_t index) const noexcept {
    return list_[static_cast<std::size_t>(index)];
  }
  auto begin() const noexcept { return list_.begin(); }
  auto end() const noexcept { return list_.end(); }
  /// The position of each row, (N).
  std::span<const std::int32_t> positions() const noexcept { return positions_; }

 private:
  std::vector<Segment> list_;
  std::vector<std::int32_t> positions_;
};

}  // namespace loquor
