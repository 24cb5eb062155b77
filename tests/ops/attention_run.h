// Sequences that run through attention step by step, and what the reference makes of them.
#pragma once

#include <utility>

#include "numeric.h"
#include "ops/attention.h"

namespace loquor::tests {

inline constexpr AttentionShape kGrouped{
    .heads = 6, .kv_heads = 2, .head_width = 10, .scale = 0.4F};

inline AttentionShape capped(AttentionShape shape) {
  shape.soft_cap = 1.5F;
  return shape;
}

inline AttentionShape symmetric(AttentionShape shape, std::int64_t window) {
  shape.causal = false;
  shape.window = window;
  return shape;
}

/// T5's table of biases, (H, 2T - 1).
struct Distances {
  std::int64_t most;  // T
  std::vector<float> table;

  Distances(std::int64_t heads, std::int64_t positions, unsigned seed)
      : most(positions), table(random_values(heads * (2 * positions - 1), seed)) {}
  ScoreBias bias() const { return bias_on(table.data()); }
  ScoreBias bias_on(const float* values) const {
    return {.data = values + most - 1, .position_stride = -1, .head_stride = 2 * most - 1};
  }
};

/// One sequence's blocks of one layer.
class Cache {
 public:
  Cache(const Runtime& from, CacheType type, const AttentionShape& shape)
      : runtime_(from), layout_{type, shape.kv_heads, shape.head_width} {}

  void reserve(std::int64_t positions) {
    while (static_cast<std::int64_t>(blocks_.size()) * kBlockPositions < positions) {
      buffers_.emplace_back(runtime_, layout_.block_size(), "test");
      blocks_.push_back(buffers_.back().as<void>());
    }
  }
  /// Gives up the blocks that end at or before the position.
  void forget(std::int64_t position) {
    for (std::int64_t i = 0; (i + 1) * kBlockPositions <= position; ++i) {
      buffers_[static_cast<std::size_t>(i)] = Buffer();
      blocks_[static_cast<std::size_t>(i)] = nullptr;
    }
  }
  /// As a cache that holds so many positions.
  KeyValueView view(std::int64_t length) const { return {layout_.type, blocks_, length}; }

 private:
  Runtime runtime_;
  KeyValueLayout layout_;
  std::vector<Buffer> buffers_;
  std::vector<void*> blocks_;
};

/// What each of the rows sees of so many positions.
inline std::vector<reference::Visible> visible_of(const AttentionShape& shape, std::int64_t rows,
                                                  std::int64_t length) {
  std::vector<reference::Visible> visible;
  for (std::int64_t p = 0; p < rows; ++p) {
    const bool all = shape.window == 0;
    const std::int64_t first = all ? 0 : std::max<std::int64_t>(0, p - (shape.window - 1));
    const std::int64_t last = shape.causal ? p : all ? length - 1 : p + (shape.window - 1);
    visible.push_back({first, std::min(length, last + 1)});
  }
  return visible;
}

/// What the shape and the bias make of a score, for rows at positions 0, 1, ... of the batch.
inline reference::ScoreMap<double> score_map(const AttentionShape& shape, const ScoreBias* bias) {
  return [cap = static_cast<double>(shape.soft_cap), bias](
             double score, std::int64_t row, std::int64_t head, std::int64_t position) {
    if (cap > 0) score = cap * std::tanh(score / cap);
    return bias ? score + static_cast<double>(bias->data[bias->offset(row, row, head) + position])
                : score;
  };
}

/// Keys or values of fused rows, rounded as the cache stores them, (N, K D).
inline Matrix stored(const Tensor& qkv, const AttentionShape& shape, CacheType type, bool values) {
  Matrix result(qkv.rows(), shape.kv_heads * shape.head_width);
  const std::int64_t first = (shape.heads + (values ? shape.kv_heads : 0)) * shape.head_width;
  for (Eigen::Index row = 0; row < result.rows(); ++row) {
    std::vector<std::uint16_t> half(static_cast<std::size_t>(result.cols()));
    const float* in = qkv.row(row) + first;
    kernels().to_bf16(in, half.data(), result.cols());
    for (Eigen::Index c = 0; c < result.cols(); ++c) {
      const auto bits = std::uint32_t{half[static_cast<std::size_t>(c)]} << 16;
      float rounded = 0;
      std::memcpy(&rounded, &bits, sizeof(rounded));
      result(row, c) = type == CacheType::f32 ? in[c] : rounded;
    }
  }
  return result;
}

/// The reference's result of a whole sequence.
inline Matrix expected(const Tensor& qkv, const AttentionShape& shape, CacheType type,
                       const ScoreBias* bias = nullptr) {
  const Matrix q = matrix(qkv).leftCols(shape.heads * shape.head_width);
  return reference::attention<double>(q, stored(qkv, shape, type, false),
                                      stored(qkv, shape, type, true), shape.heads, shape.kv_heads,
                                      shape.scale, visible_of(shape, qkv.rows(), qkv.rows()),
                                      score_map(shape, bias));
}

/// Sequences that are fed to attention step by step, any of them together in one packed batch.
class Run {
 public:
  Run(int threads, const std::vector<Tensor>& sequences, const AttentionShape& shape,
      CacheType type, const ScoreBias* bias = nullptr)
      : context_(context_of_garbage(threads)),
        sequences_(sequences),
        shape_(shape),
        bias_(bias),
        done_(sequences.size(), 0) {
    for (const Tensor& sequence : sequences) {
      caches_.emplace_back(context_.runtime, type, shape);
      results_.push_back(context_.take(sequence.rows(), shape.heads * shape.head_width));
    }
  }

  /// The next rows of some sequences: (sequence, rows) each.
  void step(const std::vector<std::pair<std::size_t, std::int64_t>>& batch) {
    Segments segments;
    std::vector<float> rows;
    std::vector<KeyValueView> views;
    for (const auto& [index, count] : batch) {
      segments.add(count, done_[index]);
      const float* first = sequences_[index].row(done_[index]);
      rows.insert(rows.end(), first, first + count * sequences_[index].columns());
      caches_[index].reserve(done_[index] + count);
      views.push_back(caches_[index].view(done_[index] + count));
    }
    Tensor qkv = context_.take(segments.rows(), shape_.fused_columns());
    std::copy(rows.begin(), rows.end(), qkv.data());
    store_keys_values(context_, qkv, segments, views, shape_);
    const Tensor y = attention(context_, qkv, segments, views, shape_, bias_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto [index, count] = batch[i];
      std::copy_n(y.row(segments[static_cast<std::int64_t>(i)].first_row), count * y.columns(),
                  results_[index].row(done_[index]));
      done_[index] += count;
    }
  }
  /// Gives up the blocks that the window has left behind.
  void forget(std::size_t index) { caches_[index].forget(done_[index] - shape_.window + 1); }
  const Tensor& result(std::size_t index) const { return results_[index]; }
  std::int64_t left(std::size_t index) const { return sequences_[index].rows() - done_[index]; }

 private:
  Context context_;
  const std::vector<Tensor>& sequences_;
  AttentionShape shape_;
  const ScoreBias* bias_;
  std::vector<Cache> caches_;
  std::vector<Tensor> results_;
  std::vector<std::int64_t> done_;
};

inline Tensor whole(int threads, const Tensor& sequence, const AttentionShape& shape,
                    CacheType type, const ScoreBias* bias = nullptr) {
  const std::vector<Tensor> sequences = {sequence};
  Run run(threads, sequences, shape, type, bias);
  run.step({{0, sequence.rows()}});
  return run.result(0);
}

}  // namespace loquor::tests
