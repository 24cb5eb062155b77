// Capped scores, windows to both sides and biases: their values, bits and gradients.
#include "attention_run.h"
#include "ops/self_attention.h"

namespace loquor::tests {

TEST_CASE("capped, windowed and biased attention agrees with the reference") {
  Context context = context_of_garbage();
  const Distances distances(6, 300, 4);
  const ScoreBias bias = distances.bias();
  const AttentionShape shapes[] = {kGrouped,
                                   capped(kGrouped),
                                   symmetric(kGrouped, 0),
                                   symmetric(kGrouped, 1),
                                   symmetric(kGrouped, 65),
                                   capped(symmetric(kGrouped, 280))};
  for (const AttentionShape& shape : shapes) {
    CAPTURE(shape.window);
    CAPTURE(shape.soft_cap);
    for (const std::int64_t rows : {1, 33, 300}) {
      CAPTURE(rows);
      const Tensor qkv = random_tensor(context, rows, shape.fused_columns(), 1);
      for (const ScoreBias* added : {static_cast<const ScoreBias*>(nullptr), &bias}) {
        CAPTURE(added != nullptr);
        for (const CacheType type : {CacheType::f32, CacheType::bf16}) {
          CHECK(difference(whole(2, qkv, shape, type, added), expected(qkv, shape, type, added)) <
                4e-6);
        }
      }
    }
  }
}

TEST_CASE("capped and biased attention has the same bits in chunks, batches and threads") {
  Context context = context_of_garbage();
  const AttentionShape shape = capped(kGrouped);
  const Distances distances(shape.heads, 600, 4);
  const ScoreBias bias = distances.bias();
  std::vector<Tensor> sequences;
  for (const std::int64_t rows : {600, 270}) {
    sequences.push_back(
        random_tensor(context, rows, shape.fused_columns(), static_cast<unsigned>(rows)));
  }
  std::vector<Tensor> once;
  for (const Tensor& sequence : sequences) {
    once.push_back(whole(1, sequence, shape, CacheType::bf16, &bias));
  }
  for (const int threads : {1, 2, 3}) {
    CAPTURE(threads);
    Run run(threads, sequences, shape, CacheType::bf16, &bias);
    run.step({{1, 100}, {0, 301}});
    while (run.left(0) > 0) {
      run.step({{0, std::min<std::int64_t>(3, run.left(0))},
                {1, std::min<std::int64_t>(2, run.left(1))}});
    }
    CHECK(same_bits(run.result(0), once[0]));
    REQUIRE(run.left(1) == 0);
    CHECK(same_bits(run.result(1), once[1]));
  }
}

TEST_CASE("a window to both sides gives the same bits alone, in a batch and in any threads") {
  Context context = context_of_garbage();
  const AttentionShape shape = symmetric(kGrouped, 65);
  Segments segments;
  for (const std::int64_t rows : {40, 0, 600, 1}) segments.add(rows, 0);
  const Tensor qkv = random_tensor(context, segments.rows(), shape.fused_columns(), 5);
  for (const int threads : {1, 2, 3}) {
    Context other = context_of_garbage(threads);
    const Tensor y = self_attention(other, qkv, segments, shape);
    for (const Segment& segment : segments) {
      if (segment.rows == 0) continue;
      Tensor own = context.take(segment.rows, qkv.columns());
      std::copy_n(qkv.row(segment.first_row), own.size(), own.data());
      const Tensor alone = whole(1, own, shape, CacheType::f32);
      CHECK(std::memcmp(alone.data(), y.row(segment.first_row),
                        static_cast<std::size_t>(alone.size()) * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("a bias of rows and one shifted by positions give what the table of distances gives") {
  Context context = context_of_garbage();
  const std::int64_t rows = 37, heads = kGrouped.heads;
  const AttentionShape shape = symmetric(kGrouped, 0);
  const Distances distances(heads, rows, 4);
  std::vector<float> full(static_cast<std::size_t>(rows * heads * rows));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t head = 0; head < heads; ++head) {
      for (std::int64_t position = 0; position < rows; ++position) {
        const std::int64_t distance = position - row;
        full[static_cast<std::size_t>((row * heads + head) * rows + position)] =
            distances.table[static_cast<std::size_t>(head * (2 * rows - 1) + distance + rows - 1)];
      }
    }
  }
  const Tensor qkv = random_tensor(context, rows, shape.fused_columns(), 1);
  Segments segments;
  segments.add(rows, 0);
  const ScoreBias table = distances.bias();
  const Tensor y = self_attention(context, qkv, segments, shape, &table);
  const ScoreBias of_rows{.data = full.data(), .row_stride = heads * rows, .head_stride = rows};
  CHECK(same_bits(self_attention(context, qkv, segments, shape, &of_rows), y));

  std::vector<float> repeated;  // (N, H, 2T - 1)
  for (std::int64_t row = 0; row < rows; ++row) {
    repeated.insert(repeated.end(), distances.table.begin(), distances.table.end());
  }
  ScoreBias shifted = distances.bias_on(repeated.data());
  shifted.row_stride = heads * shifted.head_stride;
  CHECK(same_bits(self_attention(context, qkv, segments, shape, &shifted), y));
}

TEST_CASE("the gradients of capped, windowed and biased attention agree with numeric differences") {
  Context context = context_of_garbage();
  const AttentionShape base{.heads = 4, .kv_heads = 2, .head_width = 4, .scale = 0.5F};
  Segments segments;
  for (const std::int64_t rows : {5, 0, 1, 9}) segments.add(rows, 0);
  const Distances distances(base.heads, 9, 4);
  const std::int64_t queries = base.heads * base.head_width;
  const std::int64_t width = base.kv_heads * base.head_width;
  for (const AttentionShape& shape :
       {base, capped(base), symmetric(base, 3), symmetric(base, 0), capped(symmetric(base, 4))}) {
    CAPTURE(shape.window);
    CAPTURE(shape.soft_cap);
    const auto forward = [&](const Matrix& v, const Matrix& table) {
      Matrix y(v.rows(), queries);
      for (const Segment& segment : segments) {
        if (segment.rows == 0) continue;
        const Matrix own = v.middleRows(segment.first_row, segment.rows);
        const auto cap = score_map(shape, nullptr);
        y.middleRows(segment.first_row, segment.rows) = reference::attention<double>(
            own.leftCols(queries), own.middleCols(queries, width), own.rightCols(width),
            shape.heads, shape.kv_heads, shape.scale, visible_of(shape, segment.rows, segment.rows),
            [&](double score, std::int64_t row, std::int64_t head, std::int64_t position) {
              return cap(score, row, head, position) + table(head, position - row + 8);
            });
      }
      return y;
    };
    const Tensor qkv = random_tensor(context, segments.rows(), shape.fused_columns(), 1);
    const Tensor dy = random_tensor(context, segments.rows(), queries, 2);
    const Matrix at = matrix(qkv), table = matrix(distances.table, base.heads, 17);
    const ScoreBias bias = distances.bias();
    CHECK(difference(self_attention(context, qkv, segments, shape, &bias), forward(at, table)) <
          4e-6);
    std::vector<float> bias_gradient(distances.table.size(), 0);
    const Tensor gradient = self_attention_backward(context, qkv, segments, shape, dy, &bias,
                                                    bias_gradient.data() + distances.most - 1);
    CHECK(difference(gradient, numeric_gradient(at, matrix(dy), [&](const Matrix& v) {
                       return forward(v, table);
                     })) < 1e-5);
    CHECK(difference(bias_gradient, numeric_gradient(table, matrix(dy), [&](const Matrix& v) {
                       return forward(at, v);
                     })) < 1e-5);
    CHECK(same_bits(self_attention_backward(context, qkv, segments, shape, dy, &bias), gradient));
  }
}

TEST_CASE("the gradient of a table of biases has the same bits in any number of threads") {
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    Context context = context_of_garbage(threads);
    Segments segments;
    for (const std::int64_t rows : {140, 17, 60}) segments.add(rows, 0);
    const Distances distances(kGrouped.heads, 140, 4);
    const ScoreBias bias = distances.bias();
    const Tensor qkv = random_tensor(context, segments.rows(), kGrouped.fused_columns(), 1);
    const Tensor dy = random_tensor(context, segments.rows(), 60, 2);
    std::vector<float> gradient(distances.table.size(), 0);
    self_attention_backward(context, qkv, segments, kGrouped, dy, &bias,
                            gradient.data() + distances.most - 1);
    if (first.empty()) first = gradient;
    CHECK(gradient == first);
  }
}

}  // namespace loquor::tests
