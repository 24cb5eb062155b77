#include "ops/pool.h"

#include <algorithm>

#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

/// The row of a segment that holds the column's maximum, the first of several.
std::int64_t row_of_maximum(const Tensor& x, const Segment& segment, std::int64_t column) {
  std::int64_t best = segment.first_row;
  for (std::int64_t row = best + 1; row < segment.first_row + segment.rows; ++row) {
    if (x.row(row)[column] > x.row(best)[column]) best = row;
  }
  return best;
}

/// The row of a segment that stands for it in one column, where one does.
std::int64_t picked_row(const Tensor& x, const Segment& segment, Pooling pooling,
                        std::int64_t column) {
  switch (pooling) {
    case Pooling::mean:
      break;
    case Pooling::max:
      return row_of_maximum(x, segment, column);
    case Pooling::first:
      return segment.first_row;
    case Pooling::last:
      return segment.first_row + segment.rows - 1;
  }
  fail(Code::internal, "pooling ", static_cast<int>(pooling), " picks no row");
}

}  // namespace

Tensor pool(Context& context, const Tensor& x, const Segments& segments, Pooling pooling) {
  expect_shape("pool", "x", x, segments.rows(), x.columns());
  Tensor y = context.take(segments.count(), x.columns());
  std::fill_n(y.data(), y.size(), 0.0F);
  for (std::int64_t i = 0; i < segments.count(); ++i) {
    const Segment& segment = segments[i];
    if (segment.rows == 0) continue;
    float* out = y.row(i);
    if (pooling == Pooling::mean) {
      add_over_rows(context, segment.rows, x.columns(), out, [&](std::int64_t row, std::int64_t c) {
        return x.row(segment.first_row + row)[c];
      });
      for (std::int64_t c = 0; c < x.columns(); ++c) out[c] /= static_cast<float>(segment.rows);
      continue;
    }
    for (std::int64_t c = 0; c < x.columns(); ++c) {
      out[c] = x.row(picked_row(x, segment, pooling, c))[c];
    }
  }
  return y;
}

Tensor pool_backward(Context& context, const Tensor& x, const Segments& segments, Pooling pooling,
                     const Tensor& y_gradient) {
  expect_shape("pool_backward", "x", x, segments.rows(), x.columns());
  expect_shape("pool_backward", "y_gradient", y_gradient, segments.count(), x.columns());
  Tensor x_gradient = context.take(x.rows(), x.columns());
  std::fill_n(x_gradient.data(), x_gradient.size(), 0.0F);
  for (std::int64_t i = 0; i < segments.count(); ++i) {
    const Segment& segment = segments[i];
    if (segment.rows == 0) continue;
    const float* dy = y_gradient.row(i);
    if (pooling == Pooling::mean) {
      for (std::int64_t row = 0; row < segment.rows; ++row) {
        for (std::int64_t c = 0; c < x.columns(); ++c) {
          x_gradient.row(segment.first_row + row)[c] = dy[c] / static_cast<float>(segment.rows);
        }
      }
      continue;
    }
    for (std::int64_t c = 0; c < x.columns(); ++c) {
      x_gradient.row(picked_row(x, segment, pooling, c))[c] = dy[c];
    }
  }
  return x_gradient;
}

}  // namespace loquor
