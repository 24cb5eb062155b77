// y = x W^T + b, on frozen packed weights and on plain trainable ones.
#pragma once

#include "ops/parameter.h"
#include "ops/tensor.h"

namespace loquor {

/// x: (N, inputs); weight: (outputs, inputs); bias: (outputs) or empty -> (N, outputs)
Tensor linear(Context& context, const Tensor& x, const Weight& weight, const Vector& bias = {});

/// Returns the gradient of x, (N, inputs). y_gradient: (N, outputs)
/// weight_gradient: (outputs, inputs), bias_gradient: (outputs): added to, nullptr where not
/// wanted. A packed weight is frozen: asking for its gradient fails with Error(unsupported).
Tensor linear_backward(Context& context, const Tensor& x, const Weight& weight,
                       const Tensor& y_gradient, float* weight_gradient, float* bias_gradient);

}  // namespace loquor
