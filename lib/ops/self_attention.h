// Attention within the rows of a batch, where nothing is kept: training and encoders.
#pragma once

#include "ops/attention.h"

namespace loquor {

/// store_keys_values() and attention() on f32 blocks from the workspace. Sequences start at
/// position 0. (N, (H + 2K) D) -> (N, H D)
Tensor self_attention(Context& context, const Tensor& qkv, const Segments& segments,
                      const AttentionShape& shape);

/// The gradient of qkv, (N, (H + 2K) D). Probabilities are computed again, so that nothing but qkv
/// is kept for it. y_gradient: (N, H D)
Tensor self_attention_backward(Context& context, const Tensor& qkv, const Segments& segments,
                               const AttentionShape& shape, const Tensor& y_gradient);

}  // namespace loquor
