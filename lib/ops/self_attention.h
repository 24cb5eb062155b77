// Attention within the rows of a batch, where nothing is kept: training and encoders.
#pragma once

#include "ops/attention.h"

namespace loquor {

/// Sequences start at position 0 and see only themselves. (N, (H + 2K) D) -> (N, H D); bias:
/// nullptr for none
Tensor self_attention(Context& context, const Tensor& qkv, const Segments& segments,
                      const AttentionShape& shape, const ScoreBias* bias = nullptr);

/// attention_probabilities() of the same.
Tensor self_attention_probabilities(Context& context, const Tensor& qkv, const Segments& segments,
                                    const AttentionShape& shape, const ScoreBias* bias = nullptr);

/// The gradient of qkv, (N, (H + 2K) D). y_gradient: (N, H D); bias_gradient: laid out as
/// bias->data, no element shared by two kv heads, added to; may be nullptr.
Tensor self_attention_backward(Context& context, const Tensor& qkv, const Segments& segments,
                               const AttentionShape& shape, const Tensor& y_gradient,
                               const ScoreBias* bias = nullptr, float* bias_gradient = nullptr);

}  // namespace loquor
