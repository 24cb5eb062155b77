#include "ops/stateless_attention.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/matmul.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr std::int64_t kQueries = 128;  // of one matmul of the backward

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

/// What the backward reads and where its results go.
struct Backward {
  const Tensor& q;
  const KeyValueRows& keys_values;
  const AttentionShape& shape;
  const ScoreBias* bias;
  const Tensor& y_gradient;
  Tensor& q_gradient;
  Tensor& keys_values_gradient;
  float* bias_gradient;
};

/// The backward of one kv head and the query heads that share it, for the queries of one segment
/// and the keys of another. With S = scale q k^T, A = cap(S) + bias, P = softmax(A):
///   dv = P^T dy,  dP = dy v^T,  dA = P (dP - sum(P dP)),  dS = cap'(S) dA,
///   dq = scale dS k,  dk = dS^T (scale q).
class HeadBackward {
 public:
  static std::int64_t scratch_size(std::int64_t keys, std::int64_t width) {
    return 4 * keys * width + 3 * kQueries * width + (2 * kQueries + 1) * keys;
  }

  HeadBackward(Context& context, const Backward& of, const Segment& queries, const Segment& keys,
               float* scratch)
      : pool_(context.pool()),
        of_(of),
        shape_(of.shape),
        queries_(queries),
        keys_(keys),
        width_(of.shape.head_width) {
    const auto part = [&](std::int64_t size) {
      float* begin = scratch;
      scratch += size;
      return begin;
    };
    for (float** own : {&k_, &v_, &dk_, &dv_}) *own = part(keys.rows * width_);
    for (float** own : {&q_, &dy_, &dq_}) *own = part(kQueries * width_);
    for (float** own : {&scores_, &d_scores_}) *own = part(kQueries * keys.rows);
    slope_ = part(keys.rows);
  }

  void run(std::int64_t kv_head) {
    const Tensor& x = of_.keys_values.x;
    const std::int64_t rows = keys_.rows, stride = x.columns(), first = keys_.first_row;
    const std::int64_t k_column = of_.keys_values.key_column + kv_head * width_;
    const std::int64_t v_column = k_column + shape_.kv_heads * width_;
    copy_rows(x.row(first) + k_column, stride, rows, width_, 1, k_);
    copy_rows(x.row(first) + v_column, stride, rows, width_, 1, v_);
    std::fill_n(dk_, rows * width_, 0.0F);
    std::fill_n(dv_, rows * width_, 0.0F);
    const std::int64_t group = shape_.heads / shape_.kv_heads;
    for (std::int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
      for (std::int64_t row = 0; row < queries_.rows; row += kQueries) {
        add_queries(head, row, std::min(kQueries, queries_.rows - row));
      }
    }
    Tensor& gradient = of_.keys_values_gradient;
    spread_rows(dk_, rows, width_, 1, gradient.row(first) + k_column, stride);
    spread_rows(dv_, rows, width_, 1, gradient.row(first) + v_column, stride);
  }

 private:
  /// dq of some of a head's queries, and their part of dk and dv.
  void add_queries(std::int64_t head, std::int64_t row, std::int64_t count) {
    const std::int64_t first = queries_.first_row + row, column = head * width_;
    copy_rows(of_.q.row(first) + column, of_.q.columns(), count, width_, shape_.scale, q_);
    copy_rows(of_.y_gradient.row(first) + column, of_.y_gradient.columns(), count, width_, 1, dy_);

    const std::int64_t begin = visible(row).begin, keys = visible(row + count - 1).end - begin;
    const float *k = k_ + begin * width_, *v = v_ + begin * width_;
    matmul_plain(pool_, false, true, count, keys, width_, q_, k, scores_, false);
    matmul_plain(pool_, false, true, count, keys, width_, dy_, v, d_scores_, false);
    for (std::int64_t i = 0; i < count; ++i) row_backward(head, row + i, i, begin, keys);
    matmul_plain(pool_, true, false, keys, width_, count, scores_, dy_, dv_ + begin * width_, true);
    matmul_plain(pool_, true, false, keys, width_, count, d_scores_, q_, dk_ + begin * width_,
                 true);
    matmul_plain(pool_, false, false, count, width_, keys, d_scores_, k, dq_, false);

    spread_rows(dq_, count, width_, shape_.scale, of_.q_gradient.row(first) + column,
                of_.q_gradient.columns());
  }

  /// Row i of the scores, which begin at position `begin`: S to P, and dP to dS; exact zeros where
  /// nothing is seen.
  void row_backward(std::int64_t head, std::int64_t row, std::int64_t i, std::int64_t begin,
                    std::int64_t keys) {
    const PositionRange seen = visible(row);
    const std::int64_t count = seen.end - seen.begin;
    for (float* values : {scores_ + i * keys, d_scores_ + i * keys}) {
      std::fill(values, values + (seen.begin - begin), 0.0F);
      std::fill(values + (seen.end - begin), values + keys, 0.0F);
    }
    float* scores = scores_ + i * keys + (seen.begin - begin);
    float* gradient = d_scores_ + i * keys + (seen.begin - begin);
    std::int64_t bias = seen.begin;
    if (of_.bias) {
      bias += of_.bias->offset(queries_.first_row + row, queries_.first_position + row, head);
    }
    if (shape_.soft_cap > 0) cap(scores, count);
    if (of_.bias) kernels().add(scores, of_.bias->data + bias, scores, count);
    kernels().softmax(scores, scores, 1, count);
    double mean = 0;
    for (std::int64_t j = 0; j < count; ++j) mean += scores[j] * gradient[j];
    for (std::int64_t j = 0; j < count; ++j) {
      gradient[j] = scores[j] * (gradient[j] - static_cast<float>(mean));
    }
    if (of_.bias_gradient) {
      kernels().add(of_.bias_gradient + bias, gradient, of_.bias_gradient + bias, count);
    }
    if (shape_.soft_cap > 0) kernels().multiply(gradient, slope_, gradient, count);
  }

  /// Caps the scores of a row and keeps the derivative of each.
  void cap(float* scores, std::int64_t count) {
    for (std::int64_t j = 0; j < count; ++j) scores[j] /= shape_.soft_cap;
    kernels().tanh(scores, scores, count);
    for (std::int64_t j = 0; j < count; ++j) {
      slope_[j] = 1 - scores[j] * scores[j];
      scores[j] *= shape_.soft_cap;
    }
  }

  PositionRange visible(std::int64_t row) const {
    return visible_positions(shape_, queries_.first_position + row, keys_.rows);
  }

  ThreadPool& pool_;
  const Backward& of_;
  const AttentionShape& shape_;
  const Segment& queries_;
  const Segment& keys_;
  std::int64_t width_;
  // Of all keys, (T, D).
  float *k_, *v_, *dk_, *dv_;
  // Of up to kQueries queries: (kQueries, D), and (kQueries, T).
  float *q_, *dy_, *dq_, *scores_, *d_scores_;
  float* slope_;  // of one query, (T)
};

}  // namespace

StatelessCaches::StatelessCaches(Context& context, const KeyValueRows& keys_values,
                                 const AttentionShape& shape) {
  const KeyValueLayout layout{CacheType::f32, shape.kv_heads, shape.head_width};
  std::int64_t count = 0;
  for (const Segment& segment : keys_values.segments) count += blocks_of(segment);
  constexpr std::int64_t kFloat = sizeof(float);
  memory_ = context.take(count, layout.block_size() / kFloat);
  for (std::int64_t i = 0; i < count; ++i) blocks_.push_back(memory_.row(i));
  std::size_t used = 0;
  for (const Segment& segment : keys_values.segments) {
    const auto own = static_cast<std::size_t>(blocks_of(segment));
    views_.push_back({CacheType::f32, std::span(blocks_).subspan(used, own), segment.rows});
    used += own;
    // Slots past the end are read and weighted with zero, so they must hold numbers.
    if (own > 0) {
      std::memset(blocks_[used - 1], 0, static_cast<std::size_t>(layout.block_size()));
    }
  }
  store_keys_values(context, keys_values.x, keys_values.segments, views_, shape,
                    keys_values.key_column);
}

Tensor stateless_attention(Context& context, const Tensor& q, const Segments& segments,
                           const KeyValueRows& keys_values, const AttentionShape& shape,
                           const ScoreBias* bias) {
  const StatelessCaches caches(context, keys_values, shape);
  return attention(context, q, segments, caches.views(), shape, bias);
}

void stateless_attention_backward(Context& context, const Tensor& q, const Segments& segments,
                                  const KeyValueRows& keys_values, const AttentionShape& shape,
                                  const ScoreBias* bias, const Tensor& y_gradient,
                                  Tensor& q_gradient, Tensor& keys_values_gradient,
                                  float* bias_gradient) {
  const Backward backward{q,          keys_values,          shape,        bias, y_gradient,
                          q_gradient, keys_values_gradient, bias_gradient};
  std::int64_t longest = 0;
  for (const Segment& segment : keys_values.segments) longest = std::max(longest, segment.rows);
  const std::int64_t scratch_size = HeadBackward::scratch_size(longest, shape.head_width);
  const auto run = [&](std::int64_t segment, std::int64_t kv_head, float* scratch) {
    HeadBackward(context, backward, segments[segment], keys_values.segments[segment], scratch)
        .run(kv_head);
  };
  const std::int64_t kv_heads = shape.kv_heads, count = segments.count();
  if (bias_gradient) {
    // Sequences share it: each kv head adds theirs in order.
    for_each_task(context, kv_heads, scratch_size, [&](std::int64_t kv_head, float* scratch) {
      for (std::int64_t segment = 0; segment < count; ++segment) run(segment, kv_head, scratch);
    });
  } else {
    for_each_task(context, count * kv_heads, scratch_size, [&](std::int64_t task, float* scratch) {
      run(task / kv_heads, task % kv_heads, scratch);
    });
  }
}

}  // namespace loquor
