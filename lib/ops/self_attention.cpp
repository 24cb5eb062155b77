#include "ops/self_attention.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/matmul.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr std::int64_t kQueries = 128;  // of one matmul of the backward

void check_starts(std::string_view op, const Segments& segments) {
  for (const Segment& segment : segments) {
    expect_size(op, "first position", segment.first_position, 0);
  }
}

std::int64_t blocks_of(const Segment& segment) {
  return (segment.rows + kBlockPositions - 1) / kBlockPositions;
}

// to (count, D) row by row = from, whose rows are `stride` apart, times scale
void copy_rows(const float* from, std::int64_t stride, std::int64_t count, std::int64_t width,
               float scale, float* to) {
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t d = 0; d < width; ++d) to[i * width + d] = from[i * stride + d] * scale;
  }
}

// The same the other way.
void spread_rows(const float* from, std::int64_t count, std::int64_t width, float scale, float* to,
                 std::int64_t stride) {
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t d = 0; d < width; ++d) to[i * stride + d] = from[i * width + d] * scale;
  }
}

/// The backward of one kv head and the query heads that share it, for one segment. With P =
/// softmax(S), S = scale q k^T:
///   dv = P^T dy,  dP = dy v^T,  dS = P (dP - sum(P dP)),  dq = scale dS k,  dk = dS^T (scale q).
class HeadBackward {
 public:
  static std::int64_t scratch_size(std::int64_t rows, std::int64_t width) {
    return 4 * rows * width + 3 * kQueries * width + 2 * kQueries * rows;
  }

  HeadBackward(Context& context, const AttentionShape& shape, const Segment& segment,
               float* scratch)
      : pool_(context.pool()), shape_(shape), segment_(segment), width_(shape.head_width) {
    const auto part = [&](std::int64_t size) {
      float* begin = scratch;
      scratch += size;
      return begin;
    };
    const std::int64_t rows = segment.rows;
    k_ = part(rows * width_);
    v_ = part(rows * width_);
    dk_ = part(rows * width_);
    dv_ = part(rows * width_);
    q_ = part(kQueries * width_);
    dy_ = part(kQueries * width_);
    dq_ = part(kQueries * width_);
    scores_ = part(kQueries * rows);
    d_scores_ = part(kQueries * rows);
  }

  void run(const Tensor& qkv, const Tensor& y_gradient, Tensor& gradient, std::int64_t kv_head) {
    const std::int64_t rows = segment_.rows, stride = qkv.columns(), first = segment_.first_row;
    const std::int64_t k_column = (shape_.heads + kv_head) * width_;
    const std::int64_t v_column = k_column + shape_.kv_heads * width_;
    copy_rows(qkv.row(first) + k_column, stride, rows, width_, 1, k_);
    copy_rows(qkv.row(first) + v_column, stride, rows, width_, 1, v_);
    std::fill_n(dk_, rows * width_, 0.0F);
    std::fill_n(dv_, rows * width_, 0.0F);
    const std::int64_t group = shape_.heads / shape_.kv_heads;
    for (std::int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
      for (std::int64_t row = 0; row < rows; row += kQueries) {
        const std::int64_t count = std::min(kQueries, rows - row);
        copy_rows(qkv.row(first + row) + head * width_, stride, count, width_, shape_.scale, q_);
        copy_rows(y_gradient.row(first + row) + head * width_, y_gradient.columns(), count, width_,
                  1, dy_);
        add_queries(row, count);
        spread_rows(dq_, count, width_, shape_.scale, gradient.row(first + row) + head * width_,
                    stride);
      }
    }
    spread_rows(dk_, rows, width_, 1, gradient.row(first) + k_column, stride);
    spread_rows(dv_, rows, width_, 1, gradient.row(first) + v_column, stride);
  }

 private:
  /// dq of the queries in q_, and their part of dk and dv.
  void add_queries(std::int64_t row, std::int64_t count) {
    const std::int64_t begin = visible_positions(shape_, segment_, row).begin;
    const std::int64_t keys = visible_positions(shape_, segment_, row + count - 1).end - begin;
    const float *k = k_ + begin * width_, *v = v_ + begin * width_;
    matmul_plain(pool_, false, true, count, keys, width_, q_, k, scores_, false);
    matmul_plain(pool_, false, true, count, keys, width_, dy_, v, d_scores_, false);
    for (std::int64_t i = 0; i < count; ++i) {
      const PositionRange seen = visible_positions(shape_, segment_, row + i);
      softmax_backward({seen.begin - begin, seen.end - begin}, keys, scores_ + i * keys,
                       d_scores_ + i * keys);
    }
    matmul_plain(pool_, true, false, keys, width_, count, scores_, dy_, dv_ + begin * width_, true);
    matmul_plain(pool_, true, false, keys, width_, count, d_scores_, q_, dk_ + begin * width_,
                 true);
    matmul_plain(pool_, false, false, count, width_, keys, d_scores_, k, dq_, false);
  }

  /// One row: scores to probabilities, and their gradient to that of the scores; exact zeros where
  /// nothing is seen.
  static void softmax_backward(PositionRange seen, std::int64_t keys, float* scores,
                               float* gradient) {
    for (float* values : {scores, gradient}) {
      std::fill_n(values, seen.begin, 0.0F);
      std::fill(values + seen.end, values + keys, 0.0F);
    }
    kernels().softmax(scores + seen.begin, scores + seen.begin, 1, seen.end - seen.begin);
    double mean = 0;
    for (std::int64_t j = seen.begin; j < seen.end; ++j) mean += scores[j] * gradient[j];
    for (std::int64_t j = seen.begin; j < seen.end; ++j) {
      gradient[j] = scores[j] * (gradient[j] - static_cast<float>(mean));
    }
  }

  ThreadPool& pool_;
  const AttentionShape& shape_;
  const Segment& segment_;
  std::int64_t width_;
  // Of the segment, (T, D).
  float *k_, *v_, *dk_, *dv_;
  // Of up to kQueries queries: (kQueries, D), and (kQueries, T).
  float *q_, *dy_, *dq_, *scores_, *d_scores_;
};

}  // namespace

Tensor self_attention(Context& context, const Tensor& qkv, const Segments& segments,
                      const AttentionShape& shape) {
  check_attention("self_attention", shape, qkv, segments, shape.fused_columns());
  check_starts("self_attention", segments);
  const KeyValueLayout layout{CacheType::f32, shape.kv_heads, shape.head_width};
  std::int64_t count = 0;
  for (const Segment& segment : segments) count += blocks_of(segment);
  constexpr std::int64_t kFloat = sizeof(float);
  Tensor memory = context.take(count, layout.block_size() / kFloat);
  std::vector<void*> blocks;
  for (std::int64_t i = 0; i < count; ++i) blocks.push_back(memory.row(i));
  std::vector<KeyValueView> caches;
  std::size_t used = 0;
  for (const Segment& segment : segments) {
    const auto own = static_cast<std::size_t>(blocks_of(segment));
    caches.push_back({CacheType::f32, std::span(blocks).subspan(used, own)});
    used += own;
    // Slots past the end are read and weighted with zero, so they must hold numbers.
    if (own > 0) {
      std::memset(blocks[used - 1], 0, static_cast<std::size_t>(layout.block_size()));
    }
  }
  store_keys_values(context, qkv, segments, caches, shape);
  return attention(context, qkv, segments, caches, shape);
}

Tensor self_attention_backward(Context& context, const Tensor& qkv, const Segments& segments,
                               const AttentionShape& shape, const Tensor& y_gradient) {
  check_attention("self_attention_backward", shape, qkv, segments, shape.fused_columns());
  check_starts("self_attention_backward", segments);
  expect_shape("self_attention_backward", "y_gradient", y_gradient, qkv.rows(),
               shape.heads * shape.head_width);
  Tensor gradient = context.take(qkv.rows(), qkv.columns());
  std::int64_t longest = 0;
  for (const Segment& segment : segments) longest = std::max(longest, segment.rows);
  for_each_task(context, segments.count() * shape.kv_heads,
                HeadBackward::scratch_size(longest, shape.head_width),
                [&](std::int64_t task, float* scratch) {
                  const Segment& segment = segments[task / shape.kv_heads];
                  if (segment.rows == 0) return;
                  HeadBackward(context, shape, segment, scratch)
                      .run(qkv, y_gradient, gradient, task % shape.kv_heads);
                });
  return gradient;
}

}  // namespace loquor
