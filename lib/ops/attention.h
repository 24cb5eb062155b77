// Attention over cached keys and values, for any mixture of prompts and single steps: sequences are
// segments of one packed batch. A row's result depends on its own query and its own sequence's
// cache only, to the bit: tiles of 256 positions aligned to position 0 are merged in ascending
// order, however rows are batched and threads are used.
#pragma once

#include <cstdint>
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
  std::int64_t window = 0;      // a row at position p sees p - window + 1 to p; 0: no limit
  bool causal = true;           // false: a row sees every position of its sequence (no window then)

  /// Columns of a fused row.
  std::int64_t fused_columns() const { return (heads + 2 * kv_heads) * head_width; }
};

/// Positions [begin, end).
struct PositionRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// What the row at that position of the segment's sequence sees.
PositionRange visible_positions(const AttentionShape& shape, const Segment& segment,
                                std::int64_t position);

/// Fails with Error(internal) where the shape contradicts itself, or the tensor is not (N,
/// columns).
void check_attention(std::string_view op, const AttentionShape& shape, const Tensor& found,
                     const Segments& segments, std::int64_t columns);

/// Writes the keys and values of all rows into the blocks of their sequences, of which each needs
/// those of its new positions. qkv: (N, (H + 2K) D), after rope; caches: one a segment.
void store_keys_values(Context& context, const Tensor& qkv, const Segments& segments,
                       std::span<const KeyValueView> caches, const AttentionShape& shape);

/// Reads all visible keys and values back from the cache, the new ones too. q: (N, at least H D),
/// the queries first, so that a fused row serves -> (N, H D). A sequence ends with its segment's
/// last row. Blocks that no row sees are not touched.
Tensor attention(Context& context, const Tensor& q, const Segments& segments,
                 std::span<const KeyValueView> caches, const AttentionShape& shape);

}  // namespace loquor
