// What an attention looks like: its heads, and which positions a row sees.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "ops/key_value.h"
#include "ops/segments.h"
#include "ops/tensor.h"

namespace loquor {

/// H query heads share K kv heads of width D, H / K each. Rows of q are [H x D]; fused rows are [q
/// | k | v], (H + 2K) D.
struct AttentionShape {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_width = 0;  // even
  float scale = 1;              // of the scores, usually 1 / sqrt(D)
  std::int64_t window = 0;      // a row at position p sees no further than p - window + 1, nor
                                // than p + window - 1; 0: no limit
  bool causal = true;           // a row sees nothing after itself; false: all positions held
  float soft_cap = 0;           // scores become soft_cap * tanh(scores / soft_cap); 0: they stay

  /// Columns of a fused row.
  std::int64_t fused_columns() const { return (heads + 2 * kv_heads) * head_width; }
};

/// Positions [begin, end).
struct PositionRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// What a row at that position sees, of a sequence of which `length` positions are held where
/// attention is not causal. Neither end falls as positions rise.
PositionRange visible_positions(const AttentionShape& shape, std::int64_t position,
                                std::int64_t length);
/// What so many rows from that position see together.
PositionRange visible_positions(const AttentionShape& shape, std::int64_t first_position,
                                std::int64_t rows, std::int64_t length);

/// Fails with Error(internal) where the shape contradicts itself, or the tensor is not (N,
/// columns).
void check_attention(std::string_view op, const AttentionShape& shape, const Tensor& found,
                     const Segments& segments, std::int64_t columns);
/// Fails with Error(internal) unless there is a cache a segment, with the blocks of the positions
/// that its rows touch.
void check_blocks(
    std::string_view op, const Segments& segments, std::span<const KeyValueView> caches,
    const std::function<PositionRange(const Segment& rows, const KeyValueView& cache)>& touched);
/// The same of those that they see.
void check_visible_blocks(std::string_view op, const AttentionShape& shape,
                          const Segments& segments, std::span<const KeyValueView> caches);

}  // namespace loquor
