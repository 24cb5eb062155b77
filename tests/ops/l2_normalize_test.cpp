#include "ops/l2_normalize.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

Matrix normalized(const Matrix& x) { return x.rowwise().normalized(); }

}  // namespace

TEST_CASE("l2_normalize gives rows of length 1 and a gradient across them") {
  Context context = context_of_garbage();
  for (const std::int64_t rows : {0, 1, 5}) {
    const Tensor x = random_tensor(context, rows, 37, 1, 3),
                 dy = random_tensor(context, rows, 37, 2);
    CHECK(difference(l2_normalize(context, x), normalized(matrix(x))) < 1e-6);
    CHECK(difference(l2_normalize_backward(context, x, dy),
                     numeric_gradient(matrix(x), matrix(dy), normalized)) < 1e-5);
  }
}

TEST_CASE("a row of zeros stays so when normalised, and its gradient is finite") {
  Context context = context_of_garbage();
  Tensor x = context.take(1, 4);
  std::fill_n(x.data(), x.size(), 0.0F);
  const Tensor dy = random_tensor(context, 1, 4, 1);
  CHECK(matrix(l2_normalize(context, x)).isZero());
  CHECK(difference(l2_normalize_backward(context, x, dy), matrix(dy) * 1e12) < 1e-6);
}

}  // namespace loquor::tests
