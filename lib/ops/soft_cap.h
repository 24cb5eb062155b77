// Logits bent so that none exceeds a cap (Gemma 2, https://arxiv.org/abs/2408.00118).
#pragma once

#include "ops/tensor.h"

namespace loquor {

/// cap * tanh(x / cap), in place where nobody else holds x. (N, C) -> (N, C)
Tensor soft_cap(Context& context, Tensor x, float cap);

/// Returns the gradient of x. y: the result, y_gradient: (N, C)
Tensor soft_cap_backward(Context& context, const Tensor& y, float cap, const Tensor& y_gradient);

}  // namespace loquor
