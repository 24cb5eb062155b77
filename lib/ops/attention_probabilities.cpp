#include "ops/attention_probabilities.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr std::int64_t kRowsPerTask = 64;

/// One call: a task is some rows of one sequence, and the query heads that share a kv head.
class Probabilities {
 public:
  Probabilities(const Tensor& q, const Segments& segments, std::span<const KeyValueView> caches,
                const AttentionShape& shape, const ScoreBias* bias, Tensor& y)
      : q_(q),
        caches_(caches),
        shape_(shape),
        bias_(bias),
        y_(y),
        positions_(y.columns() / shape.heads) {
    for (std::int64_t i = 0; i < segments.count(); ++i) {
      const Segment& segment = segments[i];
      for (std::int64_t done = 0; done < segment.rows; done += kRowsPerTask) {
        parts_.push_back({i,
                          {segment.first_row + done, std::min(kRowsPerTask, segment.rows - done),
                           segment.first_position + done}});
      }
    }
  }

  void run(Context& context) {
    const std::int64_t heads = shape_.kv_heads;
    // A block's keys, and one position's key and value.
    const std::int64_t scratch_size = (kBlockPositions + 2) * shape_.head_width;
    for_each_task(context, std::ssize(parts_) * heads, scratch_size,
                  [&](std::int64_t task, float* scratch) {
                    compute(parts_[static_cast<std::size_t>(task / heads)], task % heads, scratch);
                  });
  }

 private:
  struct Part {
    std::int64_t sequence = 0;
    Segment rows;
  };

  void compute(const Part& part, std::int64_t kv_head, float* scratch) {
    const KeyValueView& cache = caches_[static_cast<std::size_t>(part.sequence)];
    const Segment& rows = part.rows;
    const std::int64_t group = shape_.heads / shape_.kv_heads;
    const auto [begin, end] =
        visible_positions(shape_, rows.first_position, rows.rows, cache.length);
    for (std::int64_t block = begin / kBlockPositions; block * kBlockPositions < end; ++block) {
      read_keys(cache, block, kv_head, scratch);
      for (std::int64_t row = rows.first_row; row < rows.first_row + rows.rows; ++row) {
        for (std::int64_t i = 0; i < group; ++i) score(row, kv_head * group + i, block, scratch);
      }
    }
    for (std::int64_t row = 0; row < rows.rows; ++row) {
      const PositionRange seen = visible_positions(shape_, rows.first_position + row, cache.length);
      for (std::int64_t i = 0; i < group; ++i) {
        normalize(rows.first_row + row, rows.first_position + row, kv_head * group + i, seen);
      }
    }
  }

  /// A block's keys, (D, 32), and behind them room for one key and one value.
  void read_keys(const KeyValueView& cache, std::int64_t block, std::int64_t kv_head,
                 float* keys) const {
    const std::int64_t width = shape_.head_width;
    const KeyValueLayout layout{cache.type, shape_.kv_heads, width};
    void* memory = cache.blocks[static_cast<std::size_t>(block)];
    float* key = keys + kBlockPositions * width;
    for (std::int64_t p = 0; p < kBlockPositions; ++p) {
      read_key_value(cache.type, width, p, layout.keys(memory, kv_head),
                     layout.values(memory, kv_head), key, key + width);
      for (std::int64_t d = 0; d < width; ++d) keys[d * kBlockPositions + p] = key[d];
    }
  }

  /// The scores of a row's head in one block, dimensions added in ascending order.
  void score(std::int64_t row, std::int64_t head, std::int64_t block, const float* keys) {
    const float* q = q_.row(row) + head * shape_.head_width;
    std::array<float, kBlockPositions> sums{};
    for (std::int64_t d = 0; d < shape_.head_width; ++d, keys += kBlockPositions) {
      const float scaled = q[d] * shape_.scale;
      for (std::size_t p = 0; p < sums.size(); ++p) sums[p] += scaled * keys[p];
    }
    const std::int64_t first = block * kBlockPositions;
    std::copy_n(sums.begin(), std::min(kBlockPositions, positions_ - first),
                y_.row(row) + head * positions_ + first);
  }

  /// Scores to probabilities.
  void normalize(std::int64_t row, std::int64_t position, std::int64_t head,
                 const PositionRange& seen) {
    float* values = y_.row(row) + head * positions_;
    std::fill(values, values + seen.begin, 0.0F);
    std::fill(values + seen.end, values + positions_, 0.0F);
    float* scores = values + seen.begin;
    const std::int64_t count = seen.end - seen.begin;
    if (const float cap = shape_.soft_cap; cap > 0) {
      for (std::int64_t i = 0; i < count; ++i) scores[i] /= cap;
      kernels().tanh(scores, scores, count);
      for (std::int64_t i = 0; i < count; ++i) scores[i] *= cap;
    }
    if (bias_) {
      const float* bias = bias_->data + bias_->offset(row, position, head) + seen.begin;
      kernels().add(scores, bias, scores, count);
    }
    if (count > 0) kernels().softmax(scores, scores, 1, count);
  }

  const Tensor& q_;
  std::span<const KeyValueView> caches_;
  const AttentionShape& shape_;
  const ScoreBias* bias_;
  Tensor& y_;
  std::int64_t positions_;  // T
  std::vector<Part> parts_;
};

}  // namespace

Tensor attention_probabilities(Context& context, const Tensor& q, const Segments& segments,
                               std::span<const KeyValueView> caches, const AttentionShape& shape,
                               const ScoreBias* bias) {
  constexpr std::string_view kOp = "attention_probabilities";
  check_attention(kOp, shape, q, segments, std::max(shape.heads * shape.head_width, q.columns()));
  check_visible_blocks(kOp, shape, segments, caches);
  std::int64_t positions = 0;
  for (std::int64_t i = 0; i < segments.count(); ++i) {
    const auto& [first_row, rows, first_position] = segments[i];
    const std::int64_t length = caches[static_cast<std::size_t>(i)].length;
    if (rows > 0) {
      positions = std::max(positions, visible_positions(shape, first_position, rows, length).end);
    }
  }
  Tensor y = context.take(q.rows(), shape.heads * positions);
  if (y.size() > 0) Probabilities(q, segments, caches, shape, bias, y).run(context);
  return y;
}

}  // namespace loquor
