#include "ops/attention.h"

#include "attention_run.h"
#include "ops/self_attention.h"

namespace loquor::tests {

TEST_CASE("attention agrees with the reference for every way of sharing heads") {
  Context context = context_of_garbage();
  const AttentionShape shapes[] = {
      kGrouped,
      {.heads = 1, .kv_heads = 1, .head_width = 2, .scale = 1},
      {.heads = 4, .kv_heads = 4, .head_width = 16, .scale = 0.25F},
      {.heads = 80, .kv_heads = 1, .head_width = 6, .scale = 0.4F, .window = 5},
      {.heads = 2, .kv_heads = 1, .head_width = 34, .scale = 0.2F, .causal = false},
  };
  for (const AttentionShape& shape : shapes) {
    CAPTURE(shape.heads);
    for (const std::int64_t rows : {1, 7, 33, 300}) {
      CAPTURE(rows);
      const Tensor qkv = random_tensor(context, rows, shape.fused_columns(), 1);
      for (const CacheType type : {CacheType::f32, CacheType::bf16}) {
        CAPTURE(static_cast<int>(type));
        CHECK(difference(whole(2, qkv, shape, type), expected(qkv, shape, type)) < 3e-6);
      }
    }
  }
}

TEST_CASE("attention's bits depend neither on chunks, nor on batches, nor on threads") {
  Context context = context_of_garbage();
  for (const std::int64_t window : {0, 70, 300}) {
    for (const CacheType type : {CacheType::f32, CacheType::bf16}) {
      CAPTURE(window);
      CAPTURE(static_cast<int>(type));
      AttentionShape shape = kGrouped;
      shape.window = window;
      std::vector<Tensor> sequences;
      for (const std::int64_t rows : {600, 1, 270}) {
        sequences.push_back(
            random_tensor(context, rows, shape.fused_columns(), static_cast<unsigned>(rows)));
      }
      std::vector<Tensor> once;
      for (const Tensor& sequence : sequences) once.push_back(whole(1, sequence, shape, type));
      REQUIRE(difference(once[0], expected(sequences[0], shape, type)) < 3e-6);

      for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        CHECK(same_bits(whole(threads, sequences[0], shape, type), once[0]));

        Run chunks(threads, sequences, shape, type);
        for (const std::int64_t rows : {1, 31, 33, 200, 2, 333}) chunks.step({{0, rows}});
        CHECK(same_bits(chunks.result(0), once[0]));

        Run single(threads, sequences, shape, type);
        while (single.left(0) > 0) {
          single.step({{0, 1}});
          if (window > 0) single.forget(0);
        }
        CHECK(same_bits(single.result(0), once[0]));

        Run ragged(threads, sequences, shape, type);
        ragged.step({{2, 100}, {0, 301}, {1, 1}});
        while (ragged.left(0) > 0) {
          ragged.step({{0, std::min<std::int64_t>(3, ragged.left(0))},
                       {2, std::min<std::int64_t>(2, ragged.left(2))}});
          if (window > 0) ragged.forget(0);
        }
        for (std::size_t i = 0; i < 3; ++i) {
          CAPTURE(i);
          REQUIRE(ragged.left(i) == 0);
          CHECK(same_bits(ragged.result(i), once[i]));
        }
      }
    }
  }
}

TEST_CASE(
    "attention reads a single step's queries over a long cache alike in any number of threads") {
  Context context = context_of_garbage();
  const std::vector<Tensor> sequences = {random_tensor(context, 5001, kGrouped.fused_columns(), 7)};
  std::vector<Tensor> last;
  for (const int threads : {1, 2, 3}) {
    Run run(threads, sequences, kGrouped, CacheType::bf16);
    run.step({{0, 5000}});
    run.step({{0, 1}});
    last.push_back(run.result(0));
    CHECK(same_bits(last.back(), last.front()));
  }
}

TEST_CASE("scores far apart leave no infinity and no NaN") {
  Context context = context_of_garbage();
  const Tensor qkv = random_tensor(context, 520, kGrouped.fused_columns(), 3, 40);
  const Tensor y = whole(2, qkv, kGrouped, CacheType::f32);
  CHECK(difference(y, expected(qkv, kGrouped, CacheType::f32)) < 1e-3);
}

TEST_CASE("self_attention gives the bits of attention through a cache") {
  Context context = context_of_garbage();
  Segments segments;
  for (const std::int64_t rows : {40, 0, 64, 300, 1}) segments.add(rows, 0);
  const Tensor qkv = random_tensor(context, segments.rows(), kGrouped.fused_columns(), 5);
  const Tensor y = self_attention(context, qkv, segments, kGrouped);
  for (const Segment& segment : segments) {
    if (segment.rows == 0) continue;
    Tensor own = context.take(segment.rows, qkv.columns());
    std::copy_n(qkv.row(segment.first_row), own.size(), own.data());
    const Tensor alone = whole(1, own, kGrouped, CacheType::f32);
    CHECK(std::memcmp(alone.data(), y.row(segment.first_row),
                      static_cast<std::size_t>(alone.size()) * sizeof(float)) == 0);
  }
  CHECK(self_attention(context, context.take(0, qkv.columns()), {}, kGrouped).rows() == 0);
}

TEST_CASE("self_attention's gradient agrees with numeric differences") {
  Context context = context_of_garbage();
  const AttentionShape shapes[] = {
      {.heads = 4, .kv_heads = 2, .head_width = 4, .scale = 0.5F},
      {.heads = 2, .kv_heads = 2, .head_width = 6, .scale = 0.4F, .window = 3},
      {.heads = 3, .kv_heads = 1, .head_width = 2, .scale = 0.7F, .causal = false},
  };
  for (const AttentionShape& shape : shapes) {
    CAPTURE(shape.heads);
    Segments segments;
    for (const std::int64_t rows : {5, 0, 1, 9}) segments.add(rows, 0);
    const std::int64_t queries = shape.heads * shape.head_width;
    const std::int64_t width = shape.kv_heads * shape.head_width;
    const auto forward = [&](const Matrix& v) {
      Matrix y(v.rows(), queries);
      for (const Segment& segment : segments) {
        if (segment.rows == 0) continue;
        const auto visible = visible_of(shape, segment.rows, segment.rows);
        const Matrix own = v.middleRows(segment.first_row, segment.rows);
        y.middleRows(segment.first_row, segment.rows) = reference::attention<double>(
            own.leftCols(queries), own.middleCols(queries, width), own.rightCols(width),
            shape.heads, shape.kv_heads, shape.scale, visible);
      }
      return y;
    };
    const Tensor qkv = random_tensor(context, segments.rows(), shape.fused_columns(), 1);
    const Tensor dy = random_tensor(context, segments.rows(), queries, 2);
    CHECK(difference(self_attention(context, qkv, segments, shape), forward(matrix(qkv))) < 3e-6);
    CHECK(difference(self_attention_backward(context, qkv, segments, shape, dy),
                     numeric_gradient(matrix(qkv), matrix(dy), forward)) < 1e-5);
  }
}

TEST_CASE("self_attention's gradient of long rows has the same bits in any number of threads") {
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    Context context = context_of_garbage(threads);
    Segments segments;
    for (const std::int64_t rows : {290, 17}) segments.add(rows, 0);
    const Tensor qkv = random_tensor(context, segments.rows(), kGrouped.fused_columns(), 1);
    const Tensor dy = random_tensor(context, segments.rows(), 60, 2);
    const Tensor gradient = self_attention_backward(context, qkv, segments, kGrouped, dy);
    const std::vector<float> bits(gradient.data(), gradient.data() + gradient.size());
    if (first.empty()) first = bits;
    CHECK(bits == first);
    CHECK(matrix(gradient).allFinite());
  }
}

TEST_CASE("attention names what does not fit") {
  Context context = context_of_garbage();
  Segments segments;
  segments.add(3, 40);
  const Tensor qkv = random_tensor(context, 3, kGrouped.fused_columns(), 1);
  Cache cache(context.runtime, CacheType::f32, kGrouped);
  cache.reserve(43);
  const KeyValueView views[] = {cache.view(0)};
  CHECK_NOTHROW(store_keys_values(context, qkv, segments, views, kGrouped));
  CHECK_NOTHROW(attention(context, qkv, segments, views, kGrouped));
  CHECK(error_of(Code::internal, [&] { attention(context, qkv, segments, {}, kGrouped); }) ==
        "attention: caches has size 0, expected 1");
  cache.forget(32);
  const KeyValueView forgotten[] = {cache.view(0)};
  CHECK(error_of(Code::internal, [&] { attention(context, qkv, segments, forgotten, kGrouped); }) ==
        "attention: sequence 0 has no cache block for position 0");
  AttentionShape windowed = kGrouped;
  windowed.window = 9;
  CHECK_NOTHROW(attention(context, qkv, segments, forgotten, windowed));
  segments.add(2, 0);
  CHECK(error_of(Code::internal, [&] {
          store_keys_values(context, qkv, segments, views, kGrouped);
        }) == "store_keys_values: x has shape (3, 100), expected (5, 100)");
  AttentionShape odd = kGrouped;
  odd.head_width = 5;
  error_of(Code::internal, [&] { self_attention(context, qkv, segments, odd); });
}

}  // namespace loquor::tests
