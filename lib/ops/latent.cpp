#include "ops/latent.h"

#include <algorithm>

#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

void check_columns(std::string_view op, const HeadColumns& from, std::int64_t columns) {
  const std::int64_t end = from.column + (from.heads - 1) * from.stride + from.width;
  if (from.column < 0 || from.heads < 1 || from.width > from.stride || end > columns) {
    fail(Code::internal, op, ": ", from.heads, " heads of width ", from.width, ", ", from.stride,
         " apart from column ", from.column, ", in a row of ", columns);
  }
}

Tensor zero_rows(Context& context, std::int64_t rows, std::int64_t columns) {
  Tensor tensor = context.take(rows, columns);
  std::fill_n(tensor.data(), tensor.size(), 0.0F);
  return tensor;
}

std::int64_t own_width(const LatentHeads& shape) { return shape.head_width - shape.shared_width; }
std::int64_t kv_width(const LatentHeads& shape) { return own_width(shape) + shape.value_width; }

}  // namespace

Tensor take_heads(Context& context, const Tensor& x, const HeadColumns& from) {
  check_columns("take_heads", from, x.columns());
  Tensor y = context.take(x.rows(), from.heads * from.width);
  parallel_rows(context, x.rows(), y.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t head = 0; head < from.heads; ++head) {
        std::copy_n(x.row(row) + from.column + head * from.stride, from.width,
                    y.row(row) + head * from.width);
      }
    }
  });
  return y;
}

Tensor take_heads_backward(Context& context, const Tensor& y_gradient, std::int64_t x_columns,
                           const HeadColumns& from) {
  check_columns("take_heads_backward", from, x_columns);
  expect_shape("take_heads_backward", "y_gradient", y_gradient, y_gradient.rows(),
               from.heads * from.width);
  Tensor x_gradient = zero_rows(context, y_gradient.rows(), x_columns);
  for (std::int64_t row = 0; row < y_gradient.rows(); ++row) {
    for (std::int64_t head = 0; head < from.heads; ++head) {
      std::copy_n(y_gradient.row(row) + head * from.width, from.width,
                  x_gradient.row(row) + from.column + head * from.stride);
    }
  }
  return x_gradient;
}

Tensor join_latent_heads(Context& context, const Tensor& q, const Tensor& kv, const Tensor& shared,
                         const LatentHeads& shape) {
  const std::int64_t all = shape.heads * shape.head_width, own = own_width(shape);
  expect_shape("join_latent_heads", "q", q, q.rows(), all);
  expect_shape("join_latent_heads", "kv", kv, q.rows(), shape.heads * kv_width(shape));
  if (shared.rows() != q.rows() || shared.columns() < shape.shared_width || own < 0 ||
      shape.value_width > shape.head_width) {
    fail(Code::internal, "join_latent_heads: heads of width ", shape.head_width, " of which ",
         shape.shared_width, " are shared, values of ", shape.value_width);
  }
  Tensor y = context.take(q.rows(), 3 * all);
  parallel_rows(context, y.rows(), y.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      float* keys = std::copy_n(q.row(row), all, y.row(row));
      float* values = keys + all;
      const float* from = kv.row(row);
      const float* common = shared.row(row) + shared.columns() - shape.shared_width;
      for (std::int64_t head = 0; head < shape.heads; ++head) {
        keys = std::copy_n(from, own, keys);
        keys = std::copy_n(common, shape.shared_width, keys);
        values = std::copy_n(from + own, shape.value_width, values);
        values = std::fill_n(values, shape.head_width - shape.value_width, 0.0F);
        from += kv_width(shape);
      }
    }
  });
  return y;
}

LatentGradients join_latent_heads_backward(Context& context, const Tensor& y_gradient,
                                           std::int64_t shared_columns, const LatentHeads& shape) {
  const std::int64_t rows = y_gradient.rows(), all = shape.heads * shape.head_width;
  expect_shape("join_latent_heads_backward", "y_gradient", y_gradient, rows, 3 * all);
  LatentGradients gradients{context.take(rows, all),
                            context.take(rows, shape.heads * kv_width(shape)),
                            zero_rows(context, rows, shared_columns)};
  const std::int64_t own = own_width(shape);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* keys = y_gradient.row(row) + all;
    const float* values = keys + all;
    std::copy_n(y_gradient.row(row), all, gradients.q.row(row));
    float* to = gradients.kv.row(row);
    float* common = gradients.shared.row(row) + shared_columns - shape.shared_width;
    for (std::int64_t head = 0; head < shape.heads; ++head) {
      to = std::copy_n(keys, own, to);
      to = std::copy_n(values, shape.value_width, to);
      for (std::int64_t i = 0; i < shape.shared_width; ++i) common[i] += keys[own + i];
      keys += shape.head_width;
      values += shape.head_width;
    }
  }
  return gradients;
}

}  // namespace loquor
