// Softmax in tiles of positions that are merged in order (Dao et al. 2022,
// https://arxiv.org/abs/2205.14135).
#include "ops/attention.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr std::int64_t kBlocksPerTile = kTilePositions / kBlockPositions;
constexpr std::int64_t kQueriesPerTask = 64;

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// What one tile gives for some queries.
struct Partial {
  float* maximum;  // (queries)
  float* sum;      // (queries)
  float* output;   // (queries, D)
  Partial(float* memory, std::int64_t queries)
      : maximum(memory), sum(memory + queries), output(memory + 2 * queries) {}
  static std::int64_t size(std::int64_t queries, std::int64_t head_width) {
    return round_up(queries * (head_width + 2), 16);
  }
};

/// Some rows of one sequence, for every kv head, and the tiles that hold what they see.
struct RowBlock {
  std::int64_t segment = 0;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t first_position = 0;
  PositionRange tiles;
};

/// One call of attention(): queries of a task are its rows' H / K heads of one kv head, row after
/// row.
class Forward {
 public:
  Forward(Context& context, const Tensor& q, const Segments& segments,
          std::span<const KeyValueView> caches, const AttentionShape& shape, const ScoreBias* bias,
          Tensor& y)
      : context_(context), q_(q), caches_(caches), shape_(shape), bias_(bias), y_(y) {
    const std::int64_t rows = std::max<std::int64_t>(1, kQueriesPerTask / group_);
    for (std::int64_t i = 0; i < segments.count(); ++i) {
      const Segment& segment = segments[i];
      for (std::int64_t done = 0; done < segment.rows; done += rows) {
        RowBlock block{i,
                       segment.first_row + done,
                       std::min(rows, segment.rows - done),
                       segment.first_position + done,
                       {}};
        const auto [begin, end] =
            visible_positions(shape, block.first_position, block.rows, length(block));
        if (begin < end) {
          block.tiles = {begin / kTilePositions, round_up(end, kTilePositions) / kTilePositions};
        }
        most_tiles_ = std::max(most_tiles_, block.tiles.end - block.tiles.begin);
        most_queries_ = std::max(most_queries_, block.rows * group_);
        blocks_.push_back(block);
      }
    }
  }

  void run() {
    // A few tasks cannot keep the threads busy: then tiles are tasks too, where their results fit.
    constexpr std::int64_t kMostPartials = std::int64_t{1} << 22;
    const std::int64_t tasks = static_cast<std::int64_t>(blocks_.size()) * shape_.kv_heads;
    const std::int64_t threads = context_.pool().threads();
    const bool split = threads > 1 && most_tiles_ > 1 && tasks < 4 * threads &&
                       tasks * most_tiles_ * partial_size() <= kMostPartials;
    split ? tile_by_tile(tasks) : block_by_block(tasks);
  }

 private:
  std::int64_t partial_size() const { return Partial::size(most_queries_, shape_.head_width); }
  // Scaled queries, where what each sees begins and ends, and its bias.
  std::int64_t query_size() const {
    constexpr std::int64_t kPointer = sizeof(void*) / sizeof(float);
    return round_up(most_queries_ * (shape_.head_width + 2 + kPointer), 16);
  }
  std::int64_t length(const RowBlock& rows) const {
    return caches_[static_cast<std::size_t>(rows.segment)].length;
  }
  const RowBlock& block(std::int64_t task) const {
    return blocks_[static_cast<std::size_t>(task / shape_.kv_heads)];
  }
  std::int64_t kv_head(std::int64_t task) const { return task % shape_.kv_heads; }

  void block_by_block(std::int64_t tasks) {
    const std::int64_t sums = round_up(2 * most_queries_, 16);
    for_each_task(context_, tasks, query_size() + partial_size() + sums,
                  [&](std::int64_t task, float* scratch) {
                    const RowBlock& rows = block(task);
                    const Partial partial(scratch + query_size(), rows.rows * group_);
                    Merge merge(*this, task, scratch + query_size() + partial_size());
                    for (std::int64_t t = rows.tiles.begin; t < rows.tiles.end; ++t) {
                      compute(task, t, scratch, partial);
                      merge.add(partial);
                    }
                    merge.finish();
                  });
  }

  void tile_by_tile(std::int64_t tasks) {
    Tensor partials = context_.take(tasks * most_tiles_, partial_size());
    for_each_task(context_, tasks * most_tiles_, query_size(),
                  [&](std::int64_t index, float* scratch) {
                    const std::int64_t task = index / most_tiles_;
                    const RowBlock& rows = block(task);
                    const std::int64_t tile = rows.tiles.begin + index % most_tiles_;
                    if (tile >= rows.tiles.end) return;
                    compute(task, tile, scratch, Partial(partials.row(index), rows.rows * group_));
                  });
    for_each_task(context_, tasks, 2 * most_queries_, [&](std::int64_t task, float* scratch) {
      const RowBlock& rows = block(task);
      Merge merge(*this, task, scratch);
      for (std::int64_t t = 0; t < rows.tiles.end - rows.tiles.begin; ++t) {
        merge.add(Partial(partials.row(task * most_tiles_ + t), rows.rows * group_));
      }
      merge.finish();
    });
  }

  /// One tile's part for the queries of a task.
  void compute(std::int64_t task, std::int64_t tile, float* scratch, const Partial& out) const {
    const RowBlock& rows = block(task);
    const std::int64_t width = shape_.head_width, queries = rows.rows * group_;
    auto* first = reinterpret_cast<std::int32_t*>(scratch + queries * width);
    std::int32_t* last = first + queries;
    const auto** biases = reinterpret_cast<const float**>(last + queries);
    const auto within_tile = [&](std::int64_t position) {
      return static_cast<std::int32_t>(
          std::clamp<std::int64_t>(position - tile * kTilePositions, 0, kTilePositions));
    };
    PositionRange seen{kTilePositions, 0};
    for (std::int64_t row = 0; row < rows.rows; ++row) {
      const float* in = q_.row(rows.first_row + row) + kv_head(task) * group_ * width;
      float* scaled = scratch + row * group_ * width;
      for (std::int64_t i = 0; i < group_ * width; ++i) scaled[i] = in[i] * shape_.scale;
      const std::int64_t position = rows.first_position + row;
      const PositionRange range = visible_positions(shape_, position, length(rows));
      const std::int32_t begin = within_tile(range.begin), end = within_tile(range.end);
      std::fill_n(first + row * group_, group_, begin);
      std::fill_n(last + row * group_, group_, end);
      for (std::int64_t i = 0; bias_ && i < group_; ++i) {
        const std::int64_t head = kv_head(task) * group_ + i;
        biases[row * group_ + i] = bias_->data + tile * kTilePositions +
                                   bias_->offset(rows.first_row + row, position, head);
      }
      if (begin >= end) continue;
      seen = {std::min<std::int64_t>(seen.begin, begin), std::max<std::int64_t>(seen.end, end)};
    }
    const KeyValueView& cache = caches_[static_cast<std::size_t>(rows.segment)];
    const KeyValueLayout layout{cache.type, shape_.kv_heads, width};
    std::array<const void*, kBlocksPerTile> keys{}, values{};
    for (std::int64_t i = 0; i < kBlocksPerTile; ++i) {
      // Blocks that nobody sees may be gone: one that is seen stands in their place.
      const std::int64_t in_tile =
          std::clamp(i, seen.begin / kBlockPositions, (seen.end - 1) / kBlockPositions);
      void* memory = cache.blocks[static_cast<std::size_t>(tile * kBlocksPerTile + in_tile)];
      keys[static_cast<std::size_t>(i)] = layout.keys(memory, kv_head(task));
      values[static_cast<std::size_t>(i)] = layout.values(memory, kv_head(task));
    }
    kernels().attention_tile({.queries = scratch,
                              .rows = queries,
                              .head_width = width,
                              .keys = keys.data(),
                              .values = values.data(),
                              .type = cache.type,
                              .first = first,
                              .last = last,
                              .soft_cap = shape_.soft_cap,
                              .biases = bias_ ? biases : nullptr,
                              .maximum = out.maximum,
                              .sum = out.sum,
                              .output = out.output});
  }

  /// The running result of a task's queries, in their place in y.
  class Merge {
   public:
    Merge(const Forward& forward, std::int64_t task, float* scratch)
        : forward_(forward),
          rows_(forward.block(task)),
          kv_head_(forward.kv_head(task)),
          maximum_(scratch),
          sum_(scratch + rows_.rows * forward.group_) {
      constexpr float kNone = -std::numeric_limits<float>::infinity();
      std::fill_n(maximum_, queries(), kNone);
      std::fill_n(sum_, queries(), 0.0F);
      for (std::int64_t i = 0; i < queries(); ++i) std::fill_n(output(i), width(), 0.0F);
    }
    void add(const Partial& tile) {
      for (std::int64_t i = 0; i < queries(); ++i) {
        merge_tile(width(), maximum_[i], sum_[i], output(i), tile.maximum[i], tile.sum[i],
                   tile.output + i * width());
      }
    }
    void finish() {
      for (std::int64_t i = 0; i < queries(); ++i) {
        if (sum_[i] == 0) continue;  // it saw nothing
        for (std::int64_t d = 0; d < width(); ++d) output(i)[d] /= sum_[i];
      }
    }

   private:
    std::int64_t width() const { return forward_.shape_.head_width; }
    std::int64_t queries() const { return rows_.rows * forward_.group_; }
    float* output(std::int64_t query) const {
      const std::int64_t group = forward_.group_;
      return forward_.y_.row(rows_.first_row + query / group) +
             (kv_head_ * group + query % group) * width();
    }
    const Forward& forward_;
    const RowBlock& rows_;
    std::int64_t kv_head_;
    float* maximum_;
    float* sum_;
  };

  Context& context_;
  const Tensor& q_;
  std::span<const KeyValueView> caches_;
  const AttentionShape& shape_;
  const ScoreBias* bias_;
  Tensor& y_;
  std::int64_t group_ = shape_.heads / shape_.kv_heads;
  std::vector<RowBlock> blocks_;
  std::int64_t most_tiles_ = 0;
  std::int64_t most_queries_ = 0;
};

}  // namespace

void store_keys_values(Context& context, const Tensor& qkv, const Segments& segments,
                       std::span<const KeyValueView> caches, const AttentionShape& shape) {
  check_attention("store_keys_values", shape, qkv, segments, shape.fused_columns());
  store_keys_values(context, qkv, segments, caches, shape, shape.heads * shape.head_width);
}

void store_keys_values(Context& context, const Tensor& keys_values, const Segments& segments,
                       std::span<const KeyValueView> caches, const AttentionShape& shape,
                       std::int64_t key_column) {
  const std::int64_t columns = key_column + 2 * shape.kv_heads * shape.head_width;
  check_attention("store_keys_values", shape, keys_values, segments,
                  std::max(columns, keys_values.columns()));
  check_blocks("store_keys_values", segments, caches,
               [](const Segment& segment, const KeyValueView&) -> PositionRange {
                 return {segment.first_position, segment.first_position + segment.rows};
               });
  const std::int64_t width = shape.head_width;
  for (std::int64_t i = 0; i < segments.count(); ++i) {
    const Segment& segment = segments[i];
    const KeyValueView& cache = caches[static_cast<std::size_t>(i)];
    const KeyValueLayout layout{cache.type, shape.kv_heads, width};
    parallel_rows(context, segment.rows, columns, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const std::int64_t position = segment.first_position + row;
        void* block = cache.blocks[static_cast<std::size_t>(position / kBlockPositions)];
        const float* keys = keys_values.row(segment.first_row + row) + key_column;
        const float* values = keys + shape.kv_heads * width;
        for (std::int64_t head = 0; head < shape.kv_heads; ++head) {
          write_key_value(cache.type, width, position % kBlockPositions, keys + head * width,
                          values + head * width, layout.keys(block, head),
                          layout.values(block, head));
        }
      }
    });
  }
}

Tensor attention(Context& context, const Tensor& q, const Segments& segments,
                 std::span<const KeyValueView> caches, const AttentionShape& shape,
                 const ScoreBias* bias) {
  const std::int64_t columns = shape.heads * shape.head_width;
  check_attention("attention", shape, q, segments, std::max(columns, q.columns()));
  check_visible_blocks("attention", shape, segments, caches);
  Tensor y = context.take(q.rows(), columns);
  if (q.rows() > 0) Forward(context, q, segments, caches, shape, bias, y).run();
  return y;
}

}  // namespace loquor
