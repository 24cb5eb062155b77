// Attention from the rows of one batch to those of another, where nothing is kept: training
// encoder-decoders.
#pragma once

#include "ops/attention.h"

namespace loquor {

/// Each sequence of q sees the sequence of the same number of keys_values, whose positions start at
/// 0. q: (N, H D); keys_values: (M, 2 K D), rows [k | v]; shape: not causal -> (N, H D)
Tensor cross_attention(Context& context, const Tensor& q, const Tensor& keys_values,
                       const Segments& query_segments, const Segments& key_segments,
                       const AttentionShape& shape, const ScoreBias* bias = nullptr);

struct CrossAttentionGradients {
  Tensor q;            // (N, H D)
  Tensor keys_values;  // (M, 2 K D)
};

/// y_gradient: (N, H D); bias_gradient: as self_attention_backward() has it.
CrossAttentionGradients cross_attention_backward(
    Context& context, const Tensor& q, const Tensor& keys_values, const Segments& query_segments,
    const Segments& key_segments, const AttentionShape& shape, const Tensor& y_gradient,
    const ScoreBias* bias = nullptr, float* bias_gradient = nullptr);

}  // namespace loquor
