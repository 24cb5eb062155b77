// RMSNorm (Zhang & Sennrich 2019, https://arxiv.org/abs/1910.07467) and LayerNorm (Ba et al. 2016,
// https://arxiv.org/abs/1607.06450), a row at a time.
#pragma once

#include "ops/parameter.h"
#include "ops/tensor.h"

namespace loquor {

/// y = x / sqrt(mean(x^2) + epsilon) * weight. (N, C) -> (N, C); weight: (C)
Tensor rms_norm(Context& context, const Tensor& x, const Vector& weight, float epsilon);

/// Returns the gradient of x. weight_gradient: (C), added to; may be nullptr.
Tensor rms_norm_backward(Context& context, const Tensor& x, const Vector& weight, float epsilon,
                         const Tensor& y_gradient, float* weight_gradient);

/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias. (N, C) -> (N, C); weight: (C); bias:
/// (C) or empty
Tensor layer_norm(Context& context, const Tensor& x, const Vector& weight, const Vector& bias,
                  float epsilon);

/// Returns the gradient of x. weight_gradient, bias_gradient: (C), added to; may be nullptr.
Tensor layer_norm_backward(Context& context, const Tensor& x, const Vector& weight, float epsilon,
                           const Tensor& y_gradient, float* weight_gradient, float* bias_gradient);

}  // namespace loquor
