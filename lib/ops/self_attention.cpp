#include "ops/self_attention.h"

#include "ops/attention_probabilities.h"
#include "ops/check.h"
#include "ops/stateless_attention.h"

namespace loquor {

namespace {

KeyValueRows keys_values_of(std::string_view op, const Tensor& qkv, const Segments& segments,
                            const AttentionShape& shape) {
  check_attention(op, shape, qkv, segments, shape.fused_columns());
  for (const Segment& segment : segments) {
    expect_size(op, "first position", segment.first_position, 0);
  }
  return {qkv, shape.heads * shape.head_width, segments};
}

}  // namespace

Tensor self_attention(Context& context, const Tensor& qkv, const Segments& segments,
                      const AttentionShape& shape, const ScoreBias* bias) {
  return stateless_attention(context, qkv, segments,
                             keys_values_of("self_attention", qkv, segments, shape), shape, bias);
}

Tensor self_attention_probabilities(Context& context, const Tensor& qkv, const Segments& segments,
                                    const AttentionShape& shape, const ScoreBias* bias) {
  const StatelessCaches caches(
      context, keys_values_of("self_attention_probabilities", qkv, segments, shape), shape);
  return attention_probabilities(context, qkv, segments, caches.views(), shape, bias);
}

Tensor self_attention_backward(Context& context, const Tensor& qkv, const Segments& segments,
                               const AttentionShape& shape, const Tensor& y_gradient,
                               const ScoreBias* bias, float* bias_gradient) {
  const KeyValueRows keys_values = keys_values_of("self_attention_backward", qkv, segments, shape);
  expect_shape("self_attention_backward", "y_gradient", y_gradient, qkv.rows(),
               shape.heads * shape.head_width);
  Tensor gradient = context.take(qkv.rows(), qkv.columns());
  stateless_attention_backward(context, qkv, segments, keys_values, shape, bias, y_gradient,
                               gradient, gradient, bias_gradient);
  return gradient;
}

}  // namespace loquor
