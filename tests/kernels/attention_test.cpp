// Attention tiles on every instruction set: their numbers against the reference in double
// precision, and their bits.
#include "kernels/attention.h"

#include <cmath>
#include <limits>

#include "kernels/machine.h"

namespace loquor::tests {

namespace {

struct Range {
  std::int32_t first;
  std::int32_t last;
};

// Keys and values of one kv head in blocks, zero beyond those that were written.
class Cache {
 public:
  Cache(CacheType type, std::int64_t head_width, std::int64_t positions, unsigned seed)
      : type_(type),
        head_width_(head_width),
        keys_(numbers(positions * head_width, seed)),
        values_(numbers(positions * head_width, seed + 1)) {
    const std::int64_t blocks =
        (positions + kTilePositions - 1) / kTilePositions * (kTilePositions / kBlockPositions);
    const auto words = static_cast<std::size_t>(block_bytes(type, head_width) / 4);
    key_blocks_.assign(static_cast<std::size_t>(blocks), std::vector<float>(words));
    value_blocks_ = key_blocks_;
    for (std::int64_t p = 0; p < positions; ++p) {
      const auto block = static_cast<std::size_t>(p / kBlockPositions);
      float* key = keys_.data() + p * head_width;
      float* value = values_.data() + p * head_width;
      write_key_value(type, head_width, p % kBlockPositions, key, value, key_blocks_[block].data(),
                      value_blocks_[block].data());
      // What was stored, rounded in bf16, is what the reference shall see.
      read_key_value(type, head_width, p % kBlockPositions, key_blocks_[block].data(),
                     value_blocks_[block].data(), key, value);
    }
    for (auto& block : key_blocks_) key_pointers_.push_back(block.data());
    for (auto& block : value_blocks_) value_pointers_.push_back(block.data());
  }

  CacheType type() const { return type_; }
  std::int64_t head_width() const { return head_width_; }
  reference::Matrix<double> keys() const { return matrix(keys_); }
  reference::Matrix<double> values() const { return matrix(values_); }
  const void* const* key_blocks(std::int64_t tile) const { return key_pointers_.data() + tile * 8; }
  const void* const* value_blocks(std::int64_t tile) const {
    return value_pointers_.data() + tile * 8;
  }
  /// Forgets the blocks from `block` on.
  void drop(std::size_t block) {
    for (; block < key_pointers_.size(); ++block)
      key_pointers_[block] = value_pointers_[block] = nullptr;
  }

 private:
  reference::Matrix<double> matrix(const std::vector<float>& rows) const {
    return reference::matrix<double>(rows.data(), std::ssize(rows) / head_width_, head_width_);
  }
  CacheType type_;
  std::int64_t head_width_;
  std::vector<float> keys_, values_;
  std::vector<std::vector<float>> key_blocks_, value_blocks_;
  std::vector<const void*> key_pointers_, value_pointers_;
};

struct Result {
  std::vector<float> maximum, sum, output;
};

Result run(const KernelTable& table, const Cache& cache, const float* queries,
           const std::vector<Range>& ranges, std::int64_t tile = 0, float soft_cap = 0,
           const float* const* biases = nullptr) {
  const std::size_t rows = ranges.size();
  std::vector<std::int32_t> first, last;
  for (const Range& range : ranges) {
    first.push_back(range.first);
    last.push_back(range.last);
  }
  Result result{std::vector<float>(rows), std::vector<float>(rows),
                std::vector<float>(rows * static_cast<std::size_t>(cache.head_width()))};
  table.attention_tile({.queries = queries,
                        .rows = static_cast<std::int64_t>(rows),
                        .head_width = cache.head_width(),
                        .keys = cache.key_blocks(tile),
                        .values = cache.value_blocks(tile),
                        .type = cache.type(),
                        .first = first.data(),
                        .last = last.data(),
                        .soft_cap = soft_cap,
                        .biases = biases,
                        .maximum = result.maximum.data(),
                        .sum = result.sum.data(),
                        .output = result.output.data()});
  return result;
}

std::vector<Range> some_ranges(std::int64_t rows) {
  std::mt19937 generator(9);
  std::vector<Range> ranges;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto a = static_cast<std::int32_t>(generator() % 257);
    const auto b = static_cast<std::int32_t>(generator() % 257);
    ranges.push_back(row % 7 == 3 ? Range{a, a} : Range{std::min(a, b), std::max(a, b)});
  }
  return ranges;
}

constexpr CacheType kCacheTypes[] = {CacheType::f32, CacheType::bf16};
constexpr std::int64_t kHeadWidths[] = {2, 6, 16, 30, 32, 64, 80, 96, 128, 130};

}  // namespace

TEST_CASE("a tile's maximum, sum and output agree with the reference") {
  for_each_isa([](const KernelTable& table) {
    for (CacheType type : kCacheTypes) {
      for (std::int64_t head_width : kHeadWidths) {
        CAPTURE(static_cast<int>(type));
        CAPTURE(head_width);
        const Cache cache(type, head_width, kTilePositions, 1);
        const std::int64_t rows = 29;
        const auto queries =
            numbers(rows * head_width, 3, 1 / std::sqrt(static_cast<float>(head_width)));
        const auto ranges = some_ranges(rows);
        const Result result = run(table, cache, queries.data(), ranges);
        const auto scores = reference::linear<double>(
            reference::matrix<double>(queries.data(), rows, head_width), cache.keys());
        for (std::int64_t row = 0; row < rows; ++row) {
          CAPTURE(row);
          const auto [first, last] = ranges[static_cast<std::size_t>(row)];
          const float maximum = result.maximum[static_cast<std::size_t>(row)];
          const float sum = result.sum[static_cast<std::size_t>(row)];
          const float* output = result.output.data() + row * head_width;
          if (first >= last) {
            CHECK(maximum == -std::numeric_limits<float>::infinity());
            CHECK(sum == 0);
            for (std::int64_t d = 0; d < head_width; ++d) CHECK(output[d] == 0);
            continue;
          }
          const reference::Row<double> seen = scores.row(row).segment(first, last - first);
          CHECK(std::abs(static_cast<double>(maximum) - seen.maxCoeff()) <= 2e-6);
          const reference::Row<double> weights = (seen.array() - seen.maxCoeff()).exp();
          CHECK(std::abs(static_cast<double>(sum) / weights.sum() - 1) <= 4e-6);
          const reference::Matrix<double> want =
              weights * cache.values().middleRows(first, last - first);
          CHECK(difference(output, want) <= 5e-6 * weights.sum());
        }
      }
    }
  });
}

TEST_CASE("scores are capped, then biased where a row sees, and a row's bits stay its own") {
  for_each_isa([](const KernelTable& table) {
    const std::int64_t rows = 29;
    const std::int64_t head_width = 16;
    const Cache cache(CacheType::f32, head_width, kTilePositions, 1);
    const auto queries = numbers(rows * head_width, 3);
    const auto ranges = some_ranges(rows);
    const auto bias = numbers(rows * kTilePositions, 4);
    auto seen_bias = bias;
    std::vector<const float*> biases;
    std::vector<reference::Visible> visible;
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto [first, last] = ranges[static_cast<std::size_t>(row)];
      float* values = seen_bias.data() + row * kTilePositions;
      std::fill(values, values + first, std::numeric_limits<float>::quiet_NaN());
      std::fill(values + last, values + kTilePositions, std::numeric_limits<float>::quiet_NaN());
      biases.push_back(values);
      visible.push_back({first, last});
    }
    for (const float soft_cap : {0.0f, 2.5f}) {
      for (const bool with_bias : {false, true}) {
        CAPTURE(soft_cap);
        CAPTURE(with_bias);
        const float* const* given = with_bias ? biases.data() : nullptr;
        const Result result = run(table, cache, queries.data(), ranges, 0, soft_cap, given);
        const auto want = reference::attention<double>(
            reference::matrix<double>(queries.data(), rows, head_width), cache.keys(),
            cache.values(), 1, 1, 1.0, visible,
            [&](double score, std::int64_t row, std::int64_t, std::int64_t position) {
              const double cap = static_cast<double>(soft_cap);
              if (cap > 0) score = cap * std::tanh(score / cap);
              const auto at = static_cast<std::size_t>(row * kTilePositions + position);
              return score + (with_bias ? static_cast<double>(bias[at]) : 0);
            });
        for (std::size_t row = 0; row < rows; ++row) {
          CAPTURE(row);
          const float* output = result.output.data() + row * head_width;
          const Result alone = run(table, cache, queries.data() + row * head_width, {ranges[row]},
                                   0, soft_cap, with_bias ? given + row : nullptr);
          CHECK(same_bits(alone.output.data(), output, head_width));
          CHECK(same_bits(&alone.maximum[0], &result.maximum[row], 1));
          if (visible[row].first >= visible[row].last) continue;
          const reference::Matrix<double> exact =
              want.row(static_cast<Eigen::Index>(row)) * static_cast<double>(result.sum[row]);
          CHECK(difference(output, exact) <= 1e-5 * static_cast<double>(result.sum[row]));
        }
      }
    }
  });
}

TEST_CASE(
    "a row has the same bits alone, among any other rows, and when later blocks do not exist") {
  for_each_isa([](const KernelTable& table) {
    for (CacheType type : kCacheTypes) {
      for (std::int64_t head_width : {6, 64, 80}) {
        CAPTURE(static_cast<int>(type));
        CAPTURE(head_width);
        const std::int64_t rows = 19;
        const auto queries = numbers(rows * head_width, 4);
        const auto ranges = some_ranges(rows);
        const Result together =
            run(table, Cache(type, head_width, kTilePositions, 1), queries.data(), ranges);
        for (std::int64_t row = 0; row < rows; ++row) {
          CAPTURE(row);
          const auto at = static_cast<std::size_t>(row);
          Cache cache(type, head_width, kTilePositions, 1);
          cache.drop(
              static_cast<std::size_t>((ranges[at].last + kBlockPositions - 1) / kBlockPositions));
          const Result alone = run(table, cache, queries.data() + row * head_width, {ranges[at]});
          CHECK(same_bits(&alone.maximum[0], &together.maximum[at], 1));
          CHECK(same_bits(&alone.sum[0], &together.sum[at], 1));
          CHECK(same_bits(alone.output.data(), together.output.data() + row * head_width,
                          head_width));
        }
      }
    }
  });
}

TEST_CASE("a row has the same bits whether positions that it does not see are written or zero") {
  for_each_isa([](const KernelTable& table) {
    for (CacheType type : kCacheTypes) {
      const std::int64_t head_width = 64;
      const Cache full(type, head_width, kTilePositions, 1);
      const Cache partial(type, head_width, 101, 1);
      const auto queries = numbers(head_width, 5);
      const Result a = run(table, full, queries.data(), {{0, 101}});
      const Result b = run(table, partial, queries.data(), {{0, 101}});
      CHECK(same_bits(a.maximum.data(), b.maximum.data(), 1));
      CHECK(same_bits(a.sum.data(), b.sum.data(), 1));
      CHECK(same_bits(a.output.data(), b.output.data(), head_width));
    }
  });
}

TEST_CASE("ranges that begin before the tile or end behind it mean the whole tile") {
  for_each_isa([](const KernelTable& table) {
    const Cache cache(CacheType::f32, 16, kTilePositions, 1);
    const auto queries = numbers(2 * 16, 6);
    const Result inside = run(table, cache, queries.data(), {{0, 256}, {40, 256}});
    const Result beyond = run(table, cache, queries.data(), {{-300, 1000}, {40, 257}});
    CHECK(same_bits(inside.output.data(), beyond.output.data(), 32));
    CHECK(same_bits(inside.sum.data(), beyond.sum.data(), 2));
  });
}

TEST_CASE("tiles merged in order give the softmax over all positions") {
  for_each_isa([](const KernelTable& table) {
    for (CacheType type : kCacheTypes) {
      const std::int64_t head_width = 64;
      const std::int64_t positions = 1000;
      const std::int64_t rows = 9;
      const Cache cache(type, head_width, positions, 1);
      const auto queries = numbers(rows * head_width, 7, 0.5f);
      const auto visible = reference::causal(rows, positions - rows, 600);
      Result total{std::vector<float>(rows, -std::numeric_limits<float>::infinity()),
                   std::vector<float>(rows), std::vector<float>(rows * head_width)};
      for (std::int64_t tile = 0; tile * kTilePositions < positions; ++tile) {
        std::vector<Range> ranges;
        for (const auto& range : visible) {
          ranges.push_back({static_cast<std::int32_t>(range.first - tile * kTilePositions),
                            static_cast<std::int32_t>(range.last - tile * kTilePositions)});
        }
        const Result part = run(table, cache, queries.data(), ranges, tile);
        for (std::size_t row = 0; row < rows; ++row) {
          merge_tile(head_width, total.maximum[row], total.sum[row],
                     &total.output[row * head_width], part.maximum[row], part.sum[row],
                     &part.output[row * head_width]);
        }
      }
      for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t d = 0; d < head_width; ++d)
          total.output[row * head_width + d] /= total.sum[row];
      }
      const auto want =
          reference::attention<double>(reference::matrix<double>(queries.data(), rows, head_width),
                                       cache.keys(), cache.values(), 1, 1, 1.0, visible);
      CHECK(difference(total.output.data(), want) <= 4e-6);
    }
  });
}

TEST_CASE("merging a tile that saw nothing changes no bit, and the first tile is taken as it is") {
  float maximum = -std::numeric_limits<float>::infinity();
  float sum = 0;
  float output[2] = {0, 0};
  const float nothing[2] = {0, 0};
  merge_tile(2, maximum, sum, output, -std::numeric_limits<float>::infinity(), 0, nothing);
  CHECK(sum == 0);
  const float tile[2] = {0.3f, -0.7f};
  merge_tile(2, maximum, sum, output, 1.5f, 2.25f, tile);
  merge_tile(2, maximum, sum, output, -std::numeric_limits<float>::infinity(), 0, nothing);
  CHECK(maximum == 1.5f);
  CHECK(sum == 2.25f);
  CHECK(output[0] == 0.3f);
  CHECK(output[1] == -0.7f);
}

TEST_CASE("a key and a value are read back as they were written, rounded in bf16") {
  for (CacheType type : kCacheTypes) {
    const std::int64_t head_width = 6;
    std::vector<float> keys(static_cast<std::size_t>(block_bytes(type, head_width) / 4));
    std::vector<float> values = keys;
    const auto written = numbers(2 * kBlockPositions * head_width, 8);
    for (std::int64_t p = 0; p < kBlockPositions; ++p) {
      const float* key = written.data() + 2 * p * head_width;
      write_key_value(type, head_width, p, key, key + head_width, keys.data(), values.data());
    }
    for (std::int64_t p = 0; p < kBlockPositions; ++p) {
      std::vector<float> read(2 * static_cast<std::size_t>(head_width));
      read_key_value(type, head_width, p, keys.data(), values.data(), read.data(),
                     read.data() + head_width);
      for (std::int64_t i = 0; i < 2 * head_width; ++i) {
        const float want = written[static_cast<std::size_t>(2 * p * head_width + i)];
        const float bound = type == CacheType::f32 ? 0 : std::abs(want) / 256;
        CHECK(std::abs(read[static_cast<std::size_t>(i)] - want) <= bound);
      }
    }
  }
}

}  // namespace loquor::tests
