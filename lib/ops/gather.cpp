#include "ops/gather.h"

#include <algorithm>

#include "ops/check.h"

namespace loquor {

namespace {

void check_rows(std::string_view op, std::span<const std::int64_t> rows, std::int64_t limit) {
  for (const std::int64_t row : rows) {
    if (row < 0 || row >= limit) fail(Code::internal, op, ": row ", row, " of ", limit);
  }
}

}  // namespace

Tensor gather_rows(Context& context, const Tensor& x, std::span<const std::int64_t> rows) {
  check_rows("gather_rows", rows, x.rows());
  Tensor y = context.take(static_cast<std::int64_t>(rows.size()), x.columns());
  float* out = y.data();
  for (const std::int64_t row : rows) out = std::copy_n(x.row(row), x.columns(), out);
  return y;
}

Tensor gather_rows_backward(Context& context, std::int64_t x_rows,
                            std::span<const std::int64_t> rows, const Tensor& y_gradient) {
  const std::int64_t columns = y_gradient.columns();
  check_rows("gather_rows_backward", rows, x_rows);
  expect_shape("gather_rows_backward", "y_gradient", y_gradient,
               static_cast<std::int64_t>(rows.size()), columns);
  Tensor x_gradient = context.take(x_rows, columns);
  std::fill_n(x_gradient.data(), x_gradient.size(), 0.0F);
  const float* in = y_gradient.data();
  for (const std::int64_t row : rows) {
    float* sums = x_gradient.row(row);
    for (std::int64_t c = 0; c < columns; ++c) sums[c] += *in++;
  }
  return x_gradient;
}

}  // namespace loquor
