#include "ops/head_norm.h"

#include <algorithm>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

void check_heads(std::string_view op, const Tensor& x, const NormHeads& heads) {
  if (heads.column < 0 || heads.heads < 0 || heads.head_width <= 0 ||
      heads.column + heads.heads * heads.head_width > x.columns()) {
    fail(Code::internal, op, ": ", heads.heads, " heads of width ", heads.head_width,
         " from column ", heads.column, " in a row of ", x.columns());
  }
}

/// Calls norm(heads of a row) for every row.
template <class Norm>
void each_row(Context& context, Tensor& x, const NormHeads& heads, Norm&& norm) {
  const std::int64_t width = heads.heads * heads.head_width;
  parallel_rows(context, x.rows(), width, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) norm(x.row(row) + heads.column);
  });
}

/// The heads as rows of their own: (N heads, D)
Tensor take_heads(Context& context, const Tensor& x, const NormHeads& heads) {
  const std::int64_t width = heads.heads * heads.head_width;
  Tensor result = context.take(x.rows() * heads.heads, heads.head_width);
  for (std::int64_t row = 0; row < x.rows(); ++row) {
    std::copy_n(x.row(row) + heads.column, width, result.data() + row * width);
  }
  return result;
}

/// The reverse.
void put_heads(const Tensor& from, Tensor& x, const NormHeads& heads) {
  const std::int64_t width = heads.heads * heads.head_width;
  for (std::int64_t row = 0; row < x.rows(); ++row) {
    std::copy_n(from.data() + row * width, width, x.row(row) + heads.column);
  }
}

}  // namespace

void rms_norm_heads(Context& context, Tensor& x, const NormHeads& heads, const Vector& weight,
                    float epsilon) {
  check_heads("rms_norm_heads", x, heads);
  expect_size("rms_norm_heads", "weight", weight.size(), heads.head_width);
  each_row(context, x, heads, [&](float* row) {
    kernels().rms_norm(row, weight.data(), epsilon, row, heads.heads, heads.head_width);
  });
}

void rms_norm_heads_backward(Context& context, const Tensor& x, const NormHeads& heads,
                             const Vector& weight, float epsilon, Tensor& gradient,
                             float* weight_gradient) {
  check_heads("rms_norm_heads_backward", x, heads);
  expect_shape("rms_norm_heads_backward", "gradient", gradient, x.rows(), x.columns());
  put_heads(rms_norm_backward(context, take_heads(context, x, heads), weight, epsilon,
                              take_heads(context, gradient, heads), weight_gradient),
            gradient, heads);
}

void layer_norm_heads(Context& context, Tensor& x, const NormHeads& heads, const Vector& weight,
                      const Vector& bias, float epsilon) {
  check_heads("layer_norm_heads", x, heads);
  expect_size("layer_norm_heads", "weight", weight.size(), heads.head_width);
  if (bias) expect_size("layer_norm_heads", "bias", bias.size(), heads.head_width);
  each_row(context, x, heads, [&](float* row) {
    kernels().layer_norm(row, weight.data(), bias.data(), epsilon, row, heads.heads,
                         heads.head_width);
  });
}

void layer_norm_heads_backward(Context& context, const Tensor& x, const NormHeads& heads,
                               const Vector& weight, float epsilon, Tensor& gradient,
                               float* weight_gradient, float* bias_gradient) {
  check_heads("layer_norm_heads_backward", x, heads);
  expect_shape("layer_norm_heads_backward", "gradient", gradient, x.rows(), x.columns());
  put_heads(
      layer_norm_backward(context, take_heads(context, x, heads), weight, epsilon,
                          take_heads(context, gradient, heads), weight_gradient, bias_gradient),
      gradient, heads);
}

}  // namespace loquor
