#include "ops/embedding.h"

#include "numeric.h"

namespace loquor::tests {

TEST_CASE("embed looks rows up in plain and packed weights and scales them") {
  Context context = context_of_garbage();
  const auto values = random_values(9 * 5, 1);
  const auto rows = [&](std::int64_t first, std::int64_t count, float* out) {
    std::copy_n(values.begin() + first * 5, count * 5, out);
  };
  const Weight plain = Weight::copy(context.runtime, values, 9, 5, "test");
  const Weight packed(std::make_shared<const PackedMatrix>(
      PackedMatrix::pack(context.runtime, ComputeType::f32, 9, 5, rows, "test")));
  const std::vector<std::int32_t> ids = {8, 0, 3, 3};
  for (const Weight& weight : {plain, packed}) {
    const Tensor y = embed(context, ids, weight, 2);
    REQUIRE(y.rows() == 4);
    REQUIRE(y.columns() == 5);
    for (std::int64_t i = 0; i < 4; ++i) {
      const std::int64_t id = ids[static_cast<std::size_t>(i)];
      for (std::int64_t c = 0; c < 5; ++c) {
        CHECK(y.row(i)[c] == 2 * values[static_cast<std::size_t>(id * 5 + c)]);
      }
    }
  }
  CHECK(embed(context, {}, plain).rows() == 0);
}

TEST_CASE("embed's gradient adds rows of equal ids, in any number of threads the same") {
  std::vector<float> first;
  for (const int threads : {1, 3}) {
    Context context = context_of_garbage(threads);
    const std::vector<std::int32_t> ids = {2, 0, 2, 2};
    const Tensor dy = random_tensor(context, 4, 150, 1);
    std::vector<float> dw(3 * 150, 1);
    embed_backward(context, ids, dy, 0.5F, dw.data(), 3);
    const Matrix g = matrix(dy) / 2;
    Matrix expected = Matrix::Ones(3, 150);
    expected.row(0) += g.row(1);
    expected.row(2) += g.row(0) + g.row(2) + g.row(3);
    CHECK(difference(dw, expected) < 1e-6);
    if (first.empty()) first = dw;
    CHECK(dw == first);
  }
}

TEST_CASE("an id outside the vocabulary is named with its index and the vocabulary's size") {
  Context context = context_of_garbage();
  const Weight weight = Weight::copy(context.runtime, random_values(9 * 5, 1), 9, 5, "test");
  const std::vector<std::int32_t> ids = {1, 9}, negative = {-1};
  CHECK(error_of(Code::invalid_argument, [&] { embed(context, ids, weight); }) ==
        "token id 9 at index 1 is outside the vocabulary of 9 tokens");
  CHECK(error_of(Code::invalid_argument, [&] { embed(context, negative, weight); }) ==
        "token id -1 at index 0 is outside the vocabulary of 9 tokens");
  const Tensor dy = random_tensor(context, 2, 5, 1);
  std::vector<float> dw(9 * 5);
  error_of(Code::invalid_argument, [&] { embed_backward(context, ids, dy, 1, dw.data(), 9); });
}

TEST_CASE("add_positions adds the table's rows, in place only where nobody else holds x") {
  Context context = context_of_garbage();
  const auto values = random_values(9 * 5, 1);
  const Weight table = Weight::copy(context.runtime, values, 9, 5, "test");
  const std::vector<std::int32_t> positions = {7, 0, 8};
  const Tensor x = random_tensor(context, 3, 5, 2);
  const Matrix t = matrix(values, 9, 5);
  Matrix expected = matrix(x);
  for (Eigen::Index i = 0; i < 3; ++i) {
    expected.row(i) += t.row(positions[static_cast<std::size_t>(i)]);
  }
  const Tensor kept = copy(context, x);
  CHECK(difference(add_positions(context, x, positions, table), expected) < 1e-6);
  CHECK(same_bits(x, kept));
  Tensor given = copy(context, x);
  const float* memory = given.data();
  const Tensor y = add_positions(context, std::move(given), positions, table);
  CHECK(y.data() == memory);
  CHECK(difference(y, expected) < 1e-6);
  const std::vector<std::int32_t> outside = {0, 9, 1};
  CHECK(error_of(Code::context_full, [&] { add_positions(context, x, outside, table); }) ==
        "position 9 is outside the model's 9 positions");
}

}  // namespace loquor::tests
