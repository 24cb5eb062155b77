#include "ops/gather.h"

#include "numeric.h"

namespace loquor::tests {

TEST_CASE("gather_rows picks rows and its gradient adds them back") {
  Context context = context_of_garbage();
  const Tensor x = random_tensor(context, 5, 7, 1);
  const std::vector<std::int64_t> rows = {4, 0, 4};
  const Tensor y = gather_rows(context, x, rows);
  const Matrix in = matrix(x);
  Matrix expected(3, 7);
  expected << in.row(4), in.row(0), in.row(4);
  CHECK(difference(y, expected) == 0);
  const Tensor dy = random_tensor(context, 3, 7, 2);
  CHECK(difference(gather_rows_backward(context, 5, rows, dy),
                   numeric_gradient(in, matrix(dy), [&](const Matrix& v) {
                     Matrix picked(3, 7);
                     picked << v.row(4), v.row(0), v.row(4);
                     return picked;
                   })) < 1e-6);
  CHECK(gather_rows(context, x, {}).rows() == 0);
  const std::vector<std::int64_t> outside = {5};
  CHECK(error_of(Code::internal, [&] { gather_rows(context, x, outside); }) ==
        "gather_rows: row 5 of 5");
}

}  // namespace loquor::tests
