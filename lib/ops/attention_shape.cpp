#include "ops/attention_shape.h"

#include <algorithm>

#include "ops/check.h"

namespace loquor {

PositionRange visible_positions(const AttentionShape& shape, std::int64_t position,
                                std::int64_t length) {
  std::int64_t end = shape.causal ? position + 1 : length;
  if (shape.window == 0) return {0, end};
  if (shape.window < end - position) end = position + shape.window;
  return {std::clamp<std::int64_t>(position - shape.window + 1, 0, end), end};
}

PositionRange visible_positions(const AttentionShape& shape, std::int64_t first_position,
                                std::int64_t rows, std::int64_t length) {
  return {visible_positions(shape, first_position, length).begin,
          visible_positions(shape, first_position + rows - 1, length).end};
}

void check_attention(std::string_view op, const AttentionShape& shape, const Tensor& found,
                     const Segments& segments, std::int64_t columns) {
  if (shape.heads <= 0 || shape.kv_heads <= 0 || shape.heads % shape.kv_heads != 0 ||
      shape.head_width <= 0 || shape.head_width % 2 != 0 || shape.window < 0 ||
      shape.soft_cap < 0) {
    fail(Code::internal, op, ": ", shape.heads, " heads, ", shape.kv_heads, " kv heads of width ",
         shape.head_width, ", window ", shape.window, ", soft cap ", shape.soft_cap);
  }
  expect_shape(op, "x", found, segments.rows(), columns);
}

void check_blocks(
    std::string_view op, const Segments& segments, std::span<const KeyValueView> caches,
    const std::function<PositionRange(const Segment& rows, const KeyValueView& cache)>& touched) {
  expect_size(op, "caches", static_cast<std::int64_t>(caches.size()), segments.count());
  for (std::int64_t i = 0; i < segments.count(); ++i) {
    if (segments[i].rows == 0) continue;
    const KeyValueView& cache = caches[static_cast<std::size_t>(i)];
    const PositionRange range = touched(segments[i], cache);
    for (std::int64_t block = range.begin / kBlockPositions; block * kBlockPositions < range.end;
         ++block) {
      const auto index = static_cast<std::size_t>(block);
      if (index < cache.blocks.size() && cache.blocks[index]) continue;
      fail(Code::internal, op, ": sequence ", i, " has no cache block for position ",
           block * kBlockPositions);
    }
  }
}

void check_visible_blocks(std::string_view op, const AttentionShape& shape,
                          const Segments& segments, std::span<const KeyValueView> caches) {
  check_blocks(op, segments, caches, [&](const Segment& rows, const KeyValueView& cache) {
    return visible_positions(shape, rows.first_position, rows.rows, cache.length);
  });
}

}  // namespace loquor
