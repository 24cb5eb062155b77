#include "ops/rope.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

std::vector<double> frequencies(std::int64_t rotary) {
  std::vector<double> result;
  for (std::int64_t i = 0; i < rotary; i += 2) {
    result.push_back(std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(rotary)));
  }
  return result;
}

Matrix angles(std::span<const std::int32_t> positions, const std::vector<double>& inverse) {
  Matrix result(static_cast<Eigen::Index>(positions.size()),
                static_cast<Eigen::Index>(inverse.size()));
  for (Eigen::Index row = 0; row < result.rows(); ++row) {
    for (Eigen::Index pair = 0; pair < result.cols(); ++pair) {
      result(row, pair) =
          positions[static_cast<std::size_t>(row)] * inverse[static_cast<std::size_t>(pair)];
    }
  }
  return result;
}

}  // namespace

TEST_CASE("rope agrees with the reference and its gradient with numeric differences") {
  Context context = context_of_garbage();
  // Four heads of width 10 from column 3, of which `rotary` elements turn; columns around them
  // stay.
  const std::vector<std::int32_t> positions = {0, 1, 700, 12};
  for (const std::int64_t rotary : {10, 6}) {
    for (const bool interleaved : {false, true}) {
      CAPTURE(rotary);
      CAPTURE(interleaved);
      const auto inverse = frequencies(rotary);
      const RopeTable table(context.runtime, inverse, 1, 1000);
      const RopeHeads heads{.column = 3, .heads = 4, .head_width = 10, .interleaved = interleaved};
      const auto forward = [&](const Matrix& v) {
        Matrix y = v;
        y.middleCols(3, 40) = reference::rope<double>(v.middleCols(3, 40),
                                                      angles(positions, inverse), 4, interleaved);
        return y;
      };
      const Tensor x = random_tensor(context, 4, 50, 1), dy = random_tensor(context, 4, 50, 2);
      Tensor y = copy(context, x);
      rope(context, y, heads, positions, table);
      CHECK(difference(y, forward(matrix(x))) < 1e-6);
      Tensor dx = copy(context, dy);
      rope_backward(context, dx, heads, positions, table);
      CHECK(difference(dx, numeric_gradient(matrix(x), matrix(dy), forward)) < 1e-6);
    }
  }
}

TEST_CASE("rope's attention factor scales what turns") {
  Context context = context_of_garbage();
  const std::vector<std::int32_t> positions = {5};
  const RopeTable plain(context.runtime, frequencies(4), 1, 10);
  const RopeTable scaled(context.runtime, frequencies(4), 1.5, 10);
  const RopeHeads heads{.heads = 1, .head_width = 4};
  Tensor a = random_tensor(context, 1, 4, 1), b = copy(context, a);
  rope(context, a, heads, positions, plain);
  rope(context, b, heads, positions, scaled);
  CHECK(difference(b, 1.5 * matrix(a)) < 1e-6);
}

TEST_CASE("a rope table is right to f32 rounding at far positions and counts its memory") {
  const Runtime own = runtime();
  {
    const RopeTable table(own, frequencies(64), 1, 131072);
    CHECK(own.memory_used() == 0);  // made as it is used
    table.grow(1);
    const std::int64_t first = own.memory_used();
    CHECK(first > 0);
    table.grow(131072);
    CHECK(own.memory_used() > 500 * first);
    const std::int64_t full = own.memory_used();
    table.grow(131072);
    CHECK(own.memory_used() == full);
    CHECK(table.cosine(131071)[0] == static_cast<float>(std::cos(131071.0)));
    CHECK(table.sine(131071)[0] == static_cast<float>(std::sin(131071.0)));
  }
  CHECK(own.memory_used() == 0);
}

TEST_CASE("rope refuses positions past the table and heads past the row") {
  Context context = context_of_garbage();
  const RopeTable table(context.runtime, frequencies(4), 1, 300);
  Tensor x = random_tensor(context, 1, 8, 1);
  const std::vector<std::int32_t> last = {299}, past = {300}, negative = {-2};
  const RopeHeads heads{.heads = 2, .head_width = 4};
  CHECK_NOTHROW(rope(context, x, heads, last, table));
  CHECK(error_of(Code::context_full, [&] { rope(context, x, heads, past, table); }) ==
        "position 300 is outside the model's 300 positions");
  error_of(Code::internal, [&] { rope(context, x, heads, negative, table); });
  error_of(Code::internal,
           [&] { rope(context, x, {.column = 1, .heads = 2, .head_width = 4}, last, table); });
  error_of(Code::internal, [&] { rope(context, x, {.heads = 4, .head_width = 2}, last, table); });
}

TEST_CASE("a row without a position stays as it is, and heads may begin within a row") {
  Context context = context_of_garbage();
  const RopeTable table(context.runtime, frequencies(4), 1, 300);
  const Tensor before = random_tensor(context, 2, 14, 1);
  Tensor x = context.take(2, 14);
  std::copy_n(before.data(), before.size(), x.data());
  const std::vector<std::int32_t> positions = {kNoPosition, 5};
  // Two heads of six columns, of which the last four turn.
  rope(context, x, {.column = 2, .heads = 2, .head_width = 6}, positions, table);
  for (std::int64_t i = 0; i < 14; ++i) {
    CHECK(x.row(0)[i] == before.row(0)[i]);
    const bool turned = (i >= 2 && i < 6) || (i >= 8 && i < 12);
    CHECK((x.row(1)[i] != before.row(1)[i]) == turned);
  }
}

}  // namespace loquor::tests
