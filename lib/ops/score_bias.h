// What attention adds to its scores: relative positions.
#pragma once

#include <cstdint>

namespace loquor {

/// The bias of a score is data[row * row_stride + position * position_stride + head * head_stride +
/// key_position], for the row of the batch and its position in its sequence. Finite, and read for
/// the key positions that a row sees only.
/// A table over distances, (H, 2T - 1) from -(T - 1), of T5: data = table + T - 1, position_stride
/// -1, head_stride 2T - 1. One value for each row, head and key position, (N, H, T), of XLNet:
/// row_stride H T, head_stride T; shifted by the row's position where position_stride is -1.
struct ScoreBias {
  const float* data = nullptr;
  std::int64_t row_stride = 0;
  std::int64_t position_stride = 0;
  std::int64_t head_stride = 0;

  /// Where the bias of a row's head for key position 0 stands, relative to data.
  std::int64_t offset(std::int64_t row, std::int64_t position, std::int64_t head) const {
    return row * row_stride + position * position_stride + head * head_stride;
  }
};

}  // namespace loquor
