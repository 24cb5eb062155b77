#include "ops/cross_attention.h"

#include "attention_run.h"

namespace loquor::tests {

namespace {

constexpr AttentionShape kShape{
    .heads = 6, .kv_heads = 2, .head_width = 10, .scale = 0.4F, .causal = false};

Tensor part(Context& context, const Tensor& x, std::int64_t row, std::int64_t rows) {
  Tensor result = context.take(rows, x.columns());
  std::copy_n(x.row(row), result.size(), result.data());
  return result;
}

/// The reference's result for queries of the first sequence and keys of the second.
Matrix expected_cross(const AttentionShape& shape, const Matrix& q, const Matrix& keys_values) {
  const Eigen::Index width = keys_values.cols() / 2;
  return reference::attention<double>(
      q, keys_values.leftCols(width), keys_values.rightCols(width), shape.heads, shape.kv_heads,
      shape.scale, visible_of(shape, q.rows(), keys_values.rows()), score_map(shape, nullptr));
}

}  // namespace

TEST_CASE("queries see all keys of another sequence, with the same bits whatever their batch") {
  Context context = context_of_garbage();
  const std::int64_t length = 333;
  const Tensor keys_values = random_tensor(context, length, 3 + 40 + 2, 1);
  Matrix used = matrix(keys_values).middleCols(3, 40);
  const Tensor q = random_tensor(context, 70, 60, 2);
  for (const CacheType type : {CacheType::f32, CacheType::bf16}) {
    CAPTURE(static_cast<int>(type));
    Cache cache(context.runtime, type, kShape);
    cache.reserve(length);
    const KeyValueView view[] = {cache.view(length)};
    Segments keys;
    keys.add(length, 0);
    store_keys_values(context, keys_values, keys, view, kShape, 3);
    Segments all;
    all.add(q.rows(), 0);
    const Tensor once = attention(context, q, all, view, kShape);
    if (type == CacheType::f32) {
      CHECK(difference(once, expected_cross(kShape, matrix(q), used)) < 3e-6);
    }
    for (const int threads : {1, 2, 3}) {
      Context other = context_of_garbage(threads);
      const KeyValueView twice[] = {view[0], view[0]};
      for (std::int64_t row = 0; row + 10 <= q.rows(); row += 10) {
        Segments two;
        two.add(7, row);
        two.add(3, 1000);
        const Tensor y = attention(other, part(other, q, row, 10), two, twice, kShape);
        CHECK(same_bits(y, part(other, once, row, 10)));
      }
    }
  }
}

TEST_CASE("queries that see no key give zeros") {
  Context context = context_of_garbage();
  Segments queries, keys;
  for (const std::int64_t rows : {3, 20}) queries.add(rows, 0);
  for (const std::int64_t rows : {0, 4}) keys.add(rows, 0);
  AttentionShape shape = kShape;
  shape.window = 3;
  const Tensor q = random_tensor(context, 23, 60, 1),
               keys_values = random_tensor(context, 4, 40, 2);
  const Tensor y = cross_attention(context, q, keys_values, queries, keys, shape);
  CHECK(matrix(y).topRows(3).isZero());
  CHECK(difference(matrix(y).bottomRows(20),
                   expected_cross(shape, matrix(q).bottomRows(20), matrix(keys_values))) < 3e-6);
  CHECK(matrix(y).bottomRows(14).isZero());
  CHECK(!matrix(y).row(3 + 5).isZero());
}

TEST_CASE("cross_attention's gradients agree with numeric differences") {
  Context context = context_of_garbage();
  const AttentionShape plain{
      .heads = 4, .kv_heads = 2, .head_width = 4, .scale = 0.5F, .causal = false};
  AttentionShape windowed = plain;
  windowed.window = 3;
  windowed.soft_cap = 1.5F;
  Segments queries, keys;
  for (const std::int64_t rows : {5, 0, 2, 9}) queries.add(rows, 0);
  for (const std::int64_t rows : {3, 4, 0, 7}) keys.add(rows, 0);
  for (const AttentionShape& shape : {plain, windowed}) {
    CAPTURE(shape.window);
    const auto forward = [&](const Matrix& q, const Matrix& keys_values) {
      Matrix y(q.rows(), q.cols());
      for (std::int64_t i = 0; i < queries.count(); ++i) {
        if (queries[i].rows == 0) continue;
        y.middleRows(queries[i].first_row, queries[i].rows) =
            expected_cross(shape, q.middleRows(queries[i].first_row, queries[i].rows),
                           keys_values.middleRows(keys[i].first_row, keys[i].rows));
      }
      return y;
    };
    const Tensor q = random_tensor(context, 16, 16, 1), kv = random_tensor(context, 14, 16, 2);
    const Tensor dy = random_tensor(context, 16, 16, 3);
    CHECK(difference(cross_attention(context, q, kv, queries, keys, shape),
                     forward(matrix(q), matrix(kv))) < 3e-6);
    const auto gradients = cross_attention_backward(context, q, kv, queries, keys, shape, dy);
    CHECK(difference(gradients.q, numeric_gradient(matrix(q), matrix(dy), [&](const Matrix& v) {
                       return forward(v, matrix(kv));
                     })) < 1e-5);
    CHECK(difference(gradients.keys_values,
                     numeric_gradient(matrix(kv), matrix(dy), [&](const Matrix& v) {
                       return forward(matrix(q), v);
                     })) < 1e-5);
  }
}

TEST_CASE("cross_attention names what does not fit") {
  Context context = context_of_garbage();
  Segments queries, keys, one;
  for (const std::int64_t rows : {3, 2}) queries.add(rows, 0);
  for (const std::int64_t rows : {4, 1}) keys.add(rows, 0);
  one.add(5, 0);
  const Tensor q = random_tensor(context, 5, 60, 1), kv = random_tensor(context, 5, 40, 2);
  const auto run = [&](const Tensor& values, const Segments& of, const AttentionShape& shape) {
    return error_of(Code::internal,
                    [&] { cross_attention(context, q, values, queries, of, shape); });
  };
  CHECK(run(q, keys, kShape) == "cross_attention: keys_values has shape (5, 60), expected (5, 40)");
  CHECK(run(kv, one, kShape) == "cross_attention: key_segments has size 1, expected 2");
  AttentionShape causal = kShape;
  causal.causal = true;
  CHECK(run(kv, keys, causal) == "cross_attention: the shape is causal");
}

}  // namespace loquor::tests
