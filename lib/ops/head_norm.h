// Norms of each head of a fused row: queries and keys before rope (Henry et al. 2020,
// https://arxiv.org/abs/2010.04245).
#pragma once

#include "ops/norm.h"

namespace loquor {

/// Which columns of a row are heads to normalise, one after the other. The queries of a fused
/// [q | k | v] row are H heads from column 0, the keys K from H D.
struct NormHeads {
  std::int64_t column = 0;
  std::int64_t heads = 0;
  std::int64_t head_width = 0;
};

/// rms_norm() of every head by the same weight, (D), in place. x: (N, any)
void rms_norm_heads(Context& context, Tensor& x, const NormHeads& heads, const Vector& weight,
                    float epsilon);

/// The gradient of x from that of the result, in place. x: as it was before; weight_gradient: (D),
/// added to; may be nullptr.
void rms_norm_heads_backward(Context& context, const Tensor& x, const NormHeads& heads,
                             const Vector& weight, float epsilon, Tensor& gradient,
                             float* weight_gradient);

/// layer_norm() of every head, in place. weight: (D); bias: (D) or empty
void layer_norm_heads(Context& context, Tensor& x, const NormHeads& heads, const Vector& weight,
                      const Vector& bias, float epsilon);

/// The same for layer_norm_heads(). weight_gradient, bias_gradient: (D), added to; may be nullptr.
void layer_norm_heads_backward(Context& context, const Tensor& x, const NormHeads& heads,
                               const Vector& weight, float epsilon, Tensor& gradient,
                               float* weight_gradient, float* bias_gradient);

}  // namespace loquor
