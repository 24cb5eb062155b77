#include "ops/cross_attention.h"

#include "ops/check.h"
#include "ops/stateless_attention.h"

namespace loquor {

namespace {

void check_cross_attention(std::string_view op, const Tensor& q, const Tensor& keys_values,
                           const Segments& query_segments, const Segments& key_segments,
                           const AttentionShape& shape) {
  check_attention(op, shape, q, query_segments, shape.heads * shape.head_width);
  expect_shape(op, "keys_values", keys_values, key_segments.rows(),
               2 * shape.kv_heads * shape.head_width);
  expect_size(op, "key_segments", key_segments.count(), query_segments.count());
  if (shape.causal) fail(Code::internal, op, ": the shape is causal");
  for (const Segment& segment : key_segments) {
    expect_size(op, "first key position", segment.first_position, 0);
  }
}

}  // namespace

Tensor cross_attention(Context& context, const Tensor& q, const Tensor& keys_values,
                       const Segments& query_segments, const Segments& key_segments,
                       const AttentionShape& shape, const ScoreBias* bias) {
  check_cross_attention("cross_attention", q, keys_values, query_segments, key_segments, shape);
  return stateless_attention(context, q, query_segments, {keys_values, 0, key_segments}, shape,
                             bias);
}

CrossAttentionGradients cross_attention_backward(
    Context& context, const Tensor& q, const Tensor& keys_values, const Segments& query_segments,
    const Segments& key_segments, const AttentionShape& shape, const Tensor& y_gradient,
    const ScoreBias* bias, float* bias_gradient) {
  constexpr std::string_view kOp = "cross_attention_backward";
  check_cross_attention(kOp, q, keys_values, query_segments, key_segments, shape);
  expect_shape(kOp, "y_gradient", y_gradient, q.rows(), q.columns());
  CrossAttentionGradients gradients{context.take(q.rows(), q.columns()),
                                    context.take(keys_values.rows(), keys_values.columns())};
  stateless_attention_backward(context, q, query_segments, {keys_values, 0, key_segments}, shape,
                               bias, y_gradient, gradients.q, gradients.keys_values, bias_gradient);
  return gradients;
}

}  // namespace loquor
