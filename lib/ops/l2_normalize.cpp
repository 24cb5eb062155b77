#include "ops/l2_normalize.h"

#include <cmath>

#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr double kLeast = 1e-12;  // shorter rows keep their proportion to it

double dot(const float* a, const float* b, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

double length(const float* x, std::int64_t count) { return std::sqrt(dot(x, x, count)); }

}  // namespace

Tensor l2_normalize(Context& context, Tensor x) {
  const std::int64_t columns = x.columns();
  Tensor y = x.unique() ? x : context.take(x.rows(), columns);
  parallel_rows(context, x.rows(), columns, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const double scale = 1 / std::max(length(x.row(row), columns), kLeast);
      for (std::int64_t c = 0; c < columns; ++c) {
        y.row(row)[c] = static_cast<float>(x.row(row)[c] * scale);
      }
    }
  });
  return y;
}

// With y = x / |x|:  dx = (dy - y (y dy)) / |x|;  below the least length dx = dy / least.
Tensor l2_normalize_backward(Context& context, const Tensor& x, const Tensor& y_gradient) {
  const std::int64_t columns = x.columns();
  expect_shape("l2_normalize_backward", "y_gradient", y_gradient, x.rows(), columns);
  Tensor x_gradient = context.take(x.rows(), columns);
  parallel_rows(context, x.rows(), columns, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float *in = x.row(row), *dy = y_gradient.row(row);
      const double size = length(in, columns), scale = 1 / std::max(size, kLeast);
      const double along = size > kLeast ? dot(in, dy, columns) * scale * scale : 0.0;
      for (std::int64_t c = 0; c < columns; ++c) {
        x_gradient.row(row)[c] = static_cast<float>((dy[c] - in[c] * along) * scale);
      }
    }
  });
  return x_gradient;
}

}  // namespace loquor
