// One tile of attention over cache blocks: scores, their maximum, exp and sum, and the weighted
// values. A row's numbers come from its own query and visible positions in ascending order. Other
// positions add exact zeros, so they do not depend on which rows are computed together.

namespace loquor {
namespace {

using Scores = float[kTilePositions];

/// The two bf16 of each 32-bit word as floats: the lower halves, then the upper ones.
inline void split_pairs(Vec words, Vec& first, Vec& second) {
  first = floats(bits(words) << 16);
  second = floats(bits(words) & 0xffff0000u);
}

/// The scores of kRows rows with the 2 * kLanes positions of a block whose keys begin at `keys`:
/// f32 (D, 32), bf16 (D / 2, 32, 2), which is a word for two dimensions of a position.
template <int kRows, CacheType kType>
inline void score(const float* queries, int64_t head_width, const float* keys, Scores* scores,
                  int64_t position) {
  Vec low[kRows] = {};
  Vec high[kRows] = {};
  const auto accumulate = [&](int64_t dimension, Vec key_low, Vec key_high) {
    LOQUOR_UNROLL
    for (int row = 0; row < kRows; ++row) {
      const Vec query = set(queries[row * head_width + dimension]);
      low[row] = fma(query, key_low, low[row]);
      high[row] = fma(query, key_high, high[row]);
    }
  };
  for (int64_t dimension = 0; dimension < head_width; keys += kBlockPositions) {
    const Vec key_low = load(keys);
    const Vec key_high = load(keys + kLanes);
    if constexpr (kType == CacheType::f32) {
      accumulate(dimension, key_low, key_high);
      dimension += 1;
    } else {
      Vec even_low, odd_low, even_high, odd_high;
      split_pairs(key_low, even_low, odd_low);
      split_pairs(key_high, even_high, odd_high);
      accumulate(dimension, even_low, even_high);
      accumulate(dimension + 1, odd_low, odd_high);
      dimension += 2;
    }
  }
  LOQUOR_UNROLL
  for (int row = 0; row < kRows; ++row) {
    store(scores[row] + position, low[row]);
    store(scores[row] + position + kLanes, high[row]);
  }
}

/// The positions of the tile that the row sees.
struct Seen {
  int64_t first;
  int64_t last;
};
inline Seen seen(const AttentionTile& tile, int64_t row) {
  return {tile.first[row] < 0 ? 0 : tile.first[row],
          tile.last[row] > kTilePositions ? kTilePositions : tile.last[row]};
}

/// Caps the scores that the row sees, and adds its bias; a function of its own, so that where there
/// is neither the rest stays as fast.
__attribute__((noinline)) void cap_and_bias(const AttentionTile& tile, int64_t row, float* scores) {
  const auto [first, last] = seen(tile, row);
  scores += first;
  if (tile.soft_cap != 0) {
    for_each_vector(last - first, [=, cap = tile.soft_cap](int64_t i, int lanes) {
      store(scores + i, tanh(load(scores + i, lanes) / cap) * cap, lanes);
    });
  }
  if (tile.biases == nullptr) return;
  for_each_vector(last - first, [=, bias = tile.biases[row] + first](int64_t i, int lanes) {
    store(scores + i, load(scores + i, lanes) + load(bias + i, lanes), lanes);
  });
}

/// Turns the scores of [begin, end) into exp(score - maximum), 0 outside [first, last).
inline void exponentiate(float* scores, int64_t begin, int64_t end, int32_t first, int32_t last,
                         float& top, float& total) {
  const auto visible = [=](int64_t position) {
    const Ints number = lane_numbers() + static_cast<int32_t>(position);
    return (number >= first) & (number < last);
  };
  Vec largest = set(-__builtin_inff());
  for (int64_t i = begin; i < end; i += kLanes) {
    largest = max(visible(i) ? load(scores + i) : largest, largest);
  }
  top = maximum(largest);
  Vec sums = {};
  for (int64_t i = begin; i < end; i += kLanes) {
    const Vec weight = visible(i) ? exp(load(scores + i) - top) : set(0.0f);
    store(scores + i, weight);
    sums += weight;
  }
  total = sum(sums);
}

/// Adds weight * value over the positions [begin, end) for the dimensions from `dimension`, two
/// whole vectors or one of `lanes`: f32 (32, D), bf16 (16, D, 2), which is a word for two positions
/// of a dimension.
template <int kRows, CacheType kType, bool kTwo>
inline void weigh_values(const AttentionTile& tile, const Scores* weights, int64_t begin,
                         int64_t end, int64_t dimension, int lanes, float* output) {
  Vec low[kRows] = {};
  Vec high[kRows] = {};
  const auto accumulate = [&](int64_t position, Vec value_low, Vec value_high) {
    LOQUOR_UNROLL
    for (int row = 0; row < kRows; ++row) {
      const Vec weight = set(weights[row][position]);
      low[row] = fma(weight, value_low, low[row]);
      if constexpr (kTwo) high[row] = fma(weight, value_high, high[row]);
    }
  };
  for (int64_t block = begin; block < end; block += kBlockPositions) {
    const float* values =
        static_cast<const float*>(tile.values[block / kBlockPositions]) + dimension;
    for (int64_t position = block; position < block + kBlockPositions; values += tile.head_width) {
      const Vec value_low = kTwo ? load(values) : load(values, lanes);
      const Vec value_high = kTwo ? load(values + kLanes) : Vec{};
      if constexpr (kType == CacheType::f32) {
        accumulate(position, value_low, value_high);
        position += 1;
      } else {
        Vec even_low, odd_low, even_high, odd_high;
        split_pairs(value_low, even_low, odd_low);
        split_pairs(value_high, even_high, odd_high);
        accumulate(position, even_low, even_high);
        accumulate(position + 1, odd_low, odd_high);
        position += 2;
      }
    }
  }
  LOQUOR_UNROLL
  for (int row = 0; row < kRows; ++row, output += tile.head_width) {
    // Adding 0 turns -0 into 0, which underflow can leave where fewer zeros were added.
    store(output + dimension, low[row] + 0.0f, lanes);
    if constexpr (kTwo) store(output + dimension + kLanes, high[row] + 0.0f);
  }
}

/// The rows [row, row + kRows) of the tile, over the blocks that any of them sees.
template <int kRows, CacheType kType>
void attend(const AttentionTile& tile, int64_t row) {
  int64_t begin = kTilePositions;
  int64_t end = 0;
  for (int64_t i = row; i < row + kRows; ++i) {
    const auto [first, last] = seen(tile, i);
    if (first >= last) continue;
    begin = first < begin ? first : begin;
    end = last > end ? last : end;
  }
  begin = begin / kBlockPositions * kBlockPositions;
  end = (end + kBlockPositions - 1) / kBlockPositions * kBlockPositions;

  alignas(64) Scores scores[kRows];
  const float* queries = tile.queries + row * tile.head_width;
  for (int64_t block = begin; block < end; block += kBlockPositions) {
    const float* keys = static_cast<const float*>(tile.keys[block / kBlockPositions]);
    for (int64_t position = 0; position < kBlockPositions; position += 2 * kLanes) {
      score<kRows, kType>(queries, tile.head_width, keys + position, scores, block + position);
    }
  }
  if (tile.soft_cap != 0 || tile.biases != nullptr) {
    for (int i = 0; i < kRows; ++i) cap_and_bias(tile, row + i, scores[i]);
  }
  LOQUOR_UNROLL
  for (int i = 0; i < kRows; ++i) {
    exponentiate(scores[i], begin, end, tile.first[row + i], tile.last[row + i],
                 tile.maximum[row + i], tile.sum[row + i]);
  }
  float* output = tile.output + row * tile.head_width;
  int64_t dimension = 0;
  for (; dimension + 2 * kLanes <= tile.head_width; dimension += 2 * kLanes) {
    weigh_values<kRows, kType, true>(tile, scores, begin, end, dimension, kLanes, output);
  }
  for (; dimension < tile.head_width; dimension += kLanes) {
    const int64_t left = tile.head_width - dimension;
    weigh_values<kRows, kType, false>(tile, scores, begin, end, dimension,
                                      static_cast<int>(left < kLanes ? left : kLanes), output);
  }
}

/// All rows from `row` on, kRows at a time, then the rest with fewer at a time.
template <int kRows, CacheType kType>
void attend_all(const AttentionTile& tile, int64_t row) {
  for (; row + kRows <= tile.rows; row += kRows) attend<kRows, kType>(tile, row);
  if constexpr (kRows > 1) {
    if (row < tile.rows) attend_all<kRows - 1, kType>(tile, row);
  }
}

void attention_tile(const AttentionTile& tile) {
  if (tile.type == CacheType::f32) {
    attend_all<kRowsAtOnce, CacheType::f32>(tile, 0);
  } else {
    attend_all<kRowsAtOnce, CacheType::bf16>(tile, 0);
  }
}

}  // namespace
}  // namespace loquor
