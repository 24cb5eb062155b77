#include "ops/pool.h"

#include "numeric.h"

namespace loquor::tests {

namespace {

Matrix reference_pool(const Matrix& x, const Segments& segments, Pooling pooling) {
  Matrix y = Matrix::Zero(segments.count(), x.cols());
  for (std::int64_t i = 0; i < segments.count(); ++i) {
    if (segments[i].rows == 0) continue;
    const Matrix own = x.middleRows(segments[i].first_row, segments[i].rows);
    switch (pooling) {
      case Pooling::mean:
        y.row(i) = own.colwise().mean();
        break;
      case Pooling::max:
        y.row(i) = own.colwise().maxCoeff();
        break;
      case Pooling::first:
        y.row(i) = own.row(0);
        break;
      case Pooling::last:
        y.row(i) = own.row(own.rows() - 1);
        break;
    }
  }
  return y;
}

}  // namespace

TEST_CASE("pooling agrees with the reference and its gradient with numeric differences") {
  Context context = context_of_garbage();
  Segments segments;
  for (const std::int64_t rows : {5, 0, 1, 9}) segments.add(rows, 0);
  const Tensor x = random_tensor(context, 15, 67, 1), dy = random_tensor(context, 4, 67, 2);
  for (const Pooling pooling : {Pooling::mean, Pooling::max, Pooling::first, Pooling::last}) {
    CAPTURE(static_cast<int>(pooling));
    const auto forward = [&](const Matrix& v) { return reference_pool(v, segments, pooling); };
    CHECK(difference(pool(context, x, segments, pooling), forward(matrix(x))) < 1e-6);
    CHECK(difference(pool_backward(context, x, segments, pooling, dy),
                     numeric_gradient(matrix(x), matrix(dy), forward)) < 1e-6);
    CHECK(pool(context, context.take(0, 3), {}, pooling).rows() == 0);
  }
  segments.add(1, 0);
  CHECK(error_of(Code::internal, [&] { pool(context, x, segments, Pooling::mean); }) ==
        "pool: x has shape (15, 67), expected (16, 67)");
}

TEST_CASE("of equal maxima the first row has the gradient") {
  Context context = context_of_garbage();
  Segments segments;
  segments.add(3, 0);
  Tensor x = context.take(3, 1), dy = context.take(1, 1);
  for (std::int64_t i = 0; i < 3; ++i) x.data()[i] = i == 0 ? 1.0F : 2.0F;
  dy.data()[0] = 5;
  const Tensor dx = pool_backward(context, x, segments, Pooling::max, dy);
  CHECK(dx.data()[0] == 0);
  CHECK(dx.data()[1] == 5);
  CHECK(dx.data()[2] == 0);
}

}  // namespace loquor::tests
