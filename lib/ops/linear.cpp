#include "ops/linear.h"

#include <algorithm>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

void add_bias(Context& context, Tensor& y, const Vector& bias) {
  parallel_rows(context, y.rows(), y.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      kernels().add(y.row(row), bias.data(), y.row(row), y.columns());
    }
  });
}

// dX (N, inputs) = dY (N, outputs) W, where a few rows of W at a time are unpacked.
void multiply_packed(Context& context, const Tensor& y_gradient, const PackedMatrix& weight,
                     Tensor& x_gradient) {
  constexpr std::int64_t kOutputs = 256;
  const std::int64_t outputs = weight.outputs(), inputs = weight.inputs();
  const std::int64_t rows = y_gradient.rows();
  const std::int64_t tile = std::min(kOutputs, outputs);
  Tensor unpacked = context.take(tile, inputs);
  Tensor part = context.take(rows, tile);  // the columns of dY that belong to them
  for (std::int64_t first = 0; first < outputs; first += tile) {
    const std::int64_t count = std::min(tile, outputs - first);
    parallel_rows(context, count, inputs, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) weight.row(first + i, unpacked.row(i));
    });
    for (std::int64_t row = 0; row < rows; ++row) {
      std::copy_n(y_gradient.row(row) + first, count, part.data() + row * count);
    }
    matmul_plain(context.pool(), false, false, rows, inputs, count, part.data(), unpacked.data(),
                 x_gradient.data(), first > 0);
  }
}

}  // namespace

Tensor linear(Context& context, const Tensor& x, const Weight& weight, const Vector& bias) {
  expect_shape("linear", "x", x, x.rows(), weight.inputs());
  if (bias) expect_size("linear", "bias", bias.size(), weight.outputs());
  context.check_cancelled();
  Tensor y = context.take(x.rows(), weight.outputs());
  if (x.rows() == 0) return y;
  if (const PackedMatrix* packed = weight.packed()) {
    Tensor scratch;
    if (const std::int64_t bytes = matmul_scratch_bytes(*packed, x.rows())) {
      scratch = context.take(1, (bytes + 3) / 4);
    }
    matmul(context.pool(), x.data(), x.rows(), *packed, bias.data(), y.data(), scratch.data());
  } else if (const Weight::Plain* plain = weight.plain()) {
    matmul_plain(context.pool(), false, true, x.rows(), plain->outputs, plain->inputs, x.data(),
                 plain->data, y.data(), false);
    if (bias) add_bias(context, y, bias);
  } else {
    fail(Code::internal, "linear: the layer has no weight");
  }
  return y;
}

Tensor linear_backward(Context& context, const Tensor& x, const Weight& weight,
                       const Tensor& y_gradient, float* weight_gradient, float* bias_gradient) {
  const std::int64_t rows = x.rows(), outputs = weight.outputs(), inputs = weight.inputs();
  expect_shape("linear_backward", "x", x, rows, inputs);
  expect_shape("linear_backward", "y_gradient", y_gradient, rows, outputs);
  Tensor x_gradient = context.take(rows, inputs);
  const PackedMatrix* packed = weight.packed();
  const Weight::Plain* plain = weight.plain();
  if (weight_gradient && !plain) {
    fail(Code::unsupported, "linear_backward: a packed weight is frozen and has no gradient");
  }
  if (!packed && !plain) fail(Code::internal, "linear_backward: the layer has no weight");
  if (rows == 0) return x_gradient;
  if (packed) {
    multiply_packed(context, y_gradient, *packed, x_gradient);
  } else {
    matmul_plain(context.pool(), false, false, rows, inputs, outputs, y_gradient.data(),
                 plain->data, x_gradient.data(), false);
  }
  if (weight_gradient) {
    matmul_plain(context.pool(), true, false, outputs, inputs, rows, y_gradient.data(), x.data(),
                 weight_gradient, true);
  }
  if (bias_gradient) {
    add_over_rows(context, rows, outputs, bias_gradient,
                  [&](std::int64_t row, std::int64_t c) { return y_gradient.row(row)[c]; });
  }
  return x_gradient;
}

}  // namespace loquor
