#include "ops/attention_probabilities.h"

#include "attention_run.h"
#include "ops/self_attention.h"

namespace loquor::tests {

namespace {

/// Every kind of mask, capped or not.
const AttentionShape kShapes[] = {kGrouped, capped(kGrouped), symmetric(kGrouped, 0),
                                  symmetric(kGrouped, 1), capped(symmetric(kGrouped, 65))};

AttentionShape windowed(std::int64_t window) {
  AttentionShape shape = kGrouped;
  shape.window = window;
  return shape;
}

Matrix expected_probabilities(const Tensor& qkv, const AttentionShape& shape, CacheType type,
                              const ScoreBias* bias) {
  return reference::attention_probabilities<double>(
      matrix(qkv).leftCols(shape.heads * shape.head_width), stored(qkv, shape, type, false),
      shape.heads, shape.kv_heads, shape.scale, visible_of(shape, qkv.rows(), qkv.rows()),
      score_map(shape, bias));
}

/// One sequence's rows in chunks of so many, each put where it stands among all positions, (N, H
/// N).
Tensor in_chunks(int threads, const Tensor& qkv, const AttentionShape& shape, CacheType type,
                 const ScoreBias* bias, std::int64_t size) {
  Context context = context_of_garbage(threads);
  Cache cache(context.runtime, type, shape);
  const std::int64_t rows = qkv.rows();
  Tensor result = context.take(rows, shape.heads * rows);
  std::fill_n(result.data(), result.size(), 0.0F);
  for (std::int64_t done = 0; done < rows; done += size) {
    const std::int64_t count = std::min(size, rows - done);
    Segments segments;
    segments.add(count, done);
    Tensor part = context.take(count, qkv.columns());
    std::copy_n(qkv.row(done), part.size(), part.data());
    cache.reserve(done + count);
    if (shape.window > 0) cache.forget(done - shape.window + 1);
    const KeyValueView view[] = {cache.view(done + count)};
    store_keys_values(context, part, segments, view, shape);
    const Tensor y = attention_probabilities(context, part, segments, view, shape, bias);
    REQUIRE(y.columns() == shape.heads * (done + count));
    for (std::int64_t row = 0; row < count; ++row) {
      for (std::int64_t head = 0; head < shape.heads; ++head) {
        std::copy_n(y.row(row) + head * (done + count), done + count,
                    result.row(done + row) + head * rows);
      }
    }
  }
  return result;
}

}  // namespace

TEST_CASE("probabilities agree with the reference") {
  Context context = context_of_garbage();
  const Distances distances(6, 300, 4);
  const ScoreBias bias = distances.bias();
  for (const AttentionShape& shape : kShapes) {
    CAPTURE(shape.window);
    CAPTURE(shape.soft_cap);
    for (const std::int64_t rows : {1, 33, 300}) {
      CAPTURE(rows);
      const Tensor qkv = random_tensor(context, rows, shape.fused_columns(), 1);
      for (const ScoreBias* added : {static_cast<const ScoreBias*>(nullptr), &bias}) {
        for (const CacheType type : {CacheType::f32, CacheType::bf16}) {
          CHECK(difference(in_chunks(2, qkv, shape, type, added, rows),
                           expected_probabilities(qkv, shape, type, added)) < 4e-6);
        }
      }
    }
  }
}

TEST_CASE("a row of probabilities adds up to 1, and is exactly 0 where the row does not see") {
  Context context = context_of_garbage();
  Segments segments;
  const std::int64_t rows = 100;
  segments.add(rows, 0);
  for (const AttentionShape& shape : {windowed(0), windowed(7), symmetric(kGrouped, 7)}) {
    const Tensor qkv = random_tensor(context, rows, shape.fused_columns(), 1);
    const Tensor y = self_attention_probabilities(context, qkv, segments, shape);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto [begin, end] = visible_positions(shape, row, rows);
      for (std::int64_t head = 0; head < shape.heads; ++head) {
        double sum = 0;
        for (std::int64_t position = 0; position < rows; ++position) {
          const float value = y.row(row)[head * rows + position];
          const bool seen = position >= begin && position < end;
          if ((value > 0) != seen || value < 0) FAIL_CHECK("at row ", row, ": ", value);
          sum += value;
        }
        CHECK(sum == doctest::Approx(1).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("values weighed with the probabilities are what attention gives") {
  Context context = context_of_garbage();
  const AttentionShape shape = capped(symmetric(kGrouped, 0));
  Segments segments;
  segments.add(40, 0);
  const Tensor qkv = random_tensor(context, 40, shape.fused_columns(), 1);
  const Matrix weights = matrix(self_attention_probabilities(context, qkv, segments, shape));
  const Matrix values = stored(qkv, shape, CacheType::f32, true);
  Matrix weighed(40, shape.heads * shape.head_width);
  for (std::int64_t head = 0; head < shape.heads; ++head) {
    weighed.middleCols(head * 10, 10) =
        weights.middleCols(head * 40, 40) * values.middleCols(head / 3 * 10, 10);
  }
  CHECK(difference(self_attention(context, qkv, segments, shape), weighed) < 3e-6);
}

TEST_CASE("probabilities have the same bits in chunks and threads, with old blocks given up") {
  Context context = context_of_garbage();
  const Distances distances(6, 200, 4);
  const ScoreBias bias = distances.bias();
  for (const AttentionShape& shape : {capped(kGrouped), windowed(40)}) {
    const Tensor qkv = random_tensor(context, 200, shape.fused_columns(), 1);
    const Tensor once = in_chunks(1, qkv, shape, CacheType::bf16, &bias, 200);
    for (const int threads : {1, 2, 3}) {
      for (const std::int64_t size : {1, 70}) {
        CHECK(same_bits(in_chunks(threads, qkv, shape, CacheType::bf16, &bias, size), once));
      }
    }
  }
}

TEST_CASE("sequences of a batch have the probabilities that they have alone") {
  Context context = context_of_garbage();
  const AttentionShape shape = symmetric(kGrouped, 9);
  Segments segments;
  for (const std::int64_t rows : {40, 0, 70, 1}) segments.add(rows, 0);
  const Tensor qkv = random_tensor(context, segments.rows(), shape.fused_columns(), 5);
  const Tensor y = self_attention_probabilities(context, qkv, segments, shape);
  REQUIRE(y.columns() == shape.heads * 70);
  for (const Segment& segment : segments) {
    if (segment.rows == 0) continue;
    Segments alone;
    alone.add(segment.rows, 0);
    Tensor own = context.take(segment.rows, qkv.columns());
    std::copy_n(qkv.row(segment.first_row), own.size(), own.data());
    const Matrix wanted = matrix(self_attention_probabilities(context, own, alone, shape));
    const Matrix found = matrix(y).middleRows(segment.first_row, segment.rows);
    for (std::int64_t head = 0; head < shape.heads; ++head) {
      const Matrix part = found.middleCols(head * 70, 70);
      CHECK(part.leftCols(segment.rows) == wanted.middleCols(head * segment.rows, segment.rows));
      CHECK((part.rightCols(70 - segment.rows).array() == 0).all());
    }
  }
}

TEST_CASE("there are probabilities over another sequence, and none of no rows") {
  Context context = context_of_garbage();
  const AttentionShape shape = symmetric(kGrouped, 0);
  const Tensor keys_values = random_tensor(context, 50, 40, 1),
               q = random_tensor(context, 7, 60, 2);
  Cache cache(context.runtime, CacheType::f32, shape);
  cache.reserve(50);
  const KeyValueView view[] = {cache.view(50)};
  Segments keys, rows, none;
  keys.add(50, 0);
  rows.add(7, 3);
  none.add(0, 3);
  store_keys_values(context, keys_values, keys, view, shape, 0);
  CHECK(difference(attention_probabilities(context, q, rows, view, shape),
                   reference::attention_probabilities<double>(
                       matrix(q), matrix(keys_values).leftCols(20), shape.heads, shape.kv_heads,
                       shape.scale, visible_of(shape, 7, 50))) < 4e-6);
  const Tensor empty = random_tensor(context, 0, 60, 2);
  CHECK(attention_probabilities(context, empty, none, view, shape).size() == 0);
  const KeyValueView missing[] = {{CacheType::f32, {}, 50}};
  CHECK(error_of(Code::internal, [&] {
          attention_probabilities(context, q, rows, missing, shape);
        }) == "attention_probabilities: sequence 0 has no cache block for position 0");
}

}  // namespace loquor::tests
