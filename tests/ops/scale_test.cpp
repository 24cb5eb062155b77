#include "ops/scale.h"

#include <utility>

#include "numeric.h"

namespace loquor::tests {

TEST_CASE("scale multiplies, and its gradient is scaled alike") {
  Context context = context_of_garbage();
  for (const std::int64_t rows : {0, 1, 5}) {
    const Tensor x = random_tensor(context, rows, 37, 1), dy = random_tensor(context, rows, 37, 2);
    const auto forward = [](const Matrix& v) { return Matrix(v * 2.5); };
    CHECK(difference(scale(context, x, 2.5F), forward(matrix(x))) < 1e-7);
    CHECK(difference(scale(context, dy, 2.5F), numeric_gradient(matrix(x), matrix(dy), forward)) <
          1e-6);
  }
}

TEST_CASE("scale works in place only where nobody else holds its input") {
  Context context = context_of_garbage();
  const Tensor x = random_tensor(context, 3, 8, 1), kept = copy(context, x);
  const Tensor scaled = scale(context, x, 3);
  CHECK(same_bits(x, kept));
  Tensor given = copy(context, x);
  const float* memory = given.data();
  const Tensor scaled_in_place = scale(context, std::move(given), 3);
  CHECK(scaled_in_place.data() == memory);
  CHECK(same_bits(scaled_in_place, scaled));
}

}  // namespace loquor::tests
