// Activations, alone and as the gate of a feed-forward layer (Shazeer 2020,
// https://arxiv.org/abs/2002.05202).
#pragma once

#include "ops/tensor.h"

namespace loquor {

enum class Activation {
  silu,        // x * sigmoid(x)
  gelu,        // x * Phi(x), with erf
  gelu_tanh,   // 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  quick_gelu,  // x * sigmoid(1.702 x)
  relu,
  relu_squared,
  sigmoid,
  tanh,
};

/// Element by element; in place where nobody else holds x. (N, F) -> (N, F)
Tensor activate(Context& context, Tensor x, Activation activation);

/// Returns the gradient of x. x, y_gradient: (N, F)
Tensor activate_backward(Context& context, const Tensor& x, Activation activation,
                         const Tensor& y_gradient);

/// activation(gate) * up, where each row of x is [gate | up]. (N, 2F) -> (N, F)
Tensor gated_activation(Context& context, const Tensor& x, Activation activation);

/// Returns the gradient of x, (N, 2F). y_gradient: (N, F)
Tensor gated_activation_backward(Context& context, const Tensor& x, Activation activation,
                                 const Tensor& y_gradient);

}  // namespace loquor
