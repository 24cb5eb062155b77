// Moves columns of heads about, for attention by way of latents (DeepSeek-AI 2024,
// https://arxiv.org/abs/2405.04434).
#pragma once

#include "ops/tensor.h"

namespace loquor {

/// The first `width` columns of `heads` heads, which begin at `column` and are `stride` apart.
struct HeadColumns {
  std::int64_t column = 0;
  std::int64_t heads = 0;
  std::int64_t stride = 0;
  std::int64_t width = 0;
};

/// x: (N, any) -> (N, heads width)
Tensor take_heads(Context& context, const Tensor& x, const HeadColumns& from);
/// The gradient of x, (N, x_columns), zero in columns that were not taken.
Tensor take_heads_backward(Context& context, const Tensor& y_gradient, std::int64_t x_columns,
                           const HeadColumns& from);

/// A head of k: columns of its own, then P that all heads share; a head of v.
struct LatentHeads {
  std::int64_t heads = 0;         // H
  std::int64_t head_width = 0;    // D, of q and k
  std::int64_t shared_width = 0;  // P
  std::int64_t value_width = 0;   // V, at most D
};

/// Rows as attention reads them: [q | k | v], values padded with zeros to D. q: (N, H D); kv:
/// (N, H (D - P + V)), each head's own columns of k before its v; shared: (N, any), the last P
/// columns -> (N, 3 H D)
Tensor join_latent_heads(Context& context, const Tensor& q, const Tensor& kv, const Tensor& shared,
                         const LatentHeads& shape);

struct LatentGradients {
  Tensor q;       // (N, H D)
  Tensor kv;      // (N, H (D - P + V))
  Tensor shared;  // (N, shared_columns), zero before the last P
};

LatentGradients join_latent_heads_backward(Context& context, const Tensor& y_gradient,
                                           std::int64_t shared_columns, const LatentHeads& shape);

}  // namespace loquor
