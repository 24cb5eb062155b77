#include "ops/soft_cap.h"

#include "numeric.h"

namespace loquor::tests {

TEST_CASE("soft_cap agrees with the reference and its gradient with numeric differences") {
  Context context = context_of_garbage();
  for (const std::int64_t rows : {0, 1, 5}) {
    const Tensor x = random_tensor(context, rows, 37, 1, 4),
                 dy = random_tensor(context, rows, 37, 2);
    const auto forward = [](const Matrix& v) { return Matrix((v.array() / 3).tanh() * 3); };
    const Tensor y = soft_cap(context, x, 3);
    CHECK(same_bits(soft_cap(context, copy(context, x), 3), y));
    CHECK(difference(y, forward(matrix(x))) < 1e-6);
    CHECK(difference(soft_cap_backward(context, y, 3, dy),
                     numeric_gradient(matrix(x), matrix(dy), forward)) < 1e-5);
  }
}

}  // namespace loquor::tests
