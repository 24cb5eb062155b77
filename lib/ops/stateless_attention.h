// Attention whose keys and values nobody keeps: what self_attention() and cross_attention() share.
#pragma once

#include <span>
#include <vector>

#include "ops/attention.h"

namespace loquor {

/// Rows with keys from key_column and the values behind them, and whose they are.
struct KeyValueRows {
  const Tensor& x;  // (M, at least key_column + 2 K D)
  std::int64_t key_column = 0;
  const Segments& segments;  // each from position 0
};

/// Such rows' keys and values in f32 blocks from the workspace, where attention() reads them.
class StatelessCaches {
 public:
  StatelessCaches(Context& context, const KeyValueRows& keys_values, const AttentionShape& shape);
  /// One a sequence; valid as long as this.
  std::span<const KeyValueView> views() const noexcept { return views_; }

 private:
  Tensor memory_;
  std::vector<void*> blocks_;
  std::vector<KeyValueView> views_;
};

/// attention() over StatelessCaches. q: (N, at least H D) -> (N, H D)
Tensor stateless_attention(Context& context, const Tensor& q, const Segments& segments,
                           const KeyValueRows& keys_values, const AttentionShape& shape,
                           const ScoreBias* bias);

/// Writes the gradients of queries, keys and values where these stand, into tensors of the same
/// shapes, which may be one. Probabilities are computed again, so that nothing but q and
/// keys_values is kept for it. y_gradient: (N, H D); bias_gradient: as bias->data, added to;
/// nullptr for none.
void stateless_attention_backward(Context& context, const Tensor& q, const Segments& segments,
                                  const KeyValueRows& keys_values, const AttentionShape& shape,
                                  const ScoreBias* bias, const Tensor& y_gradient,
                                  Tensor& q_gradient, Tensor& keys_values_gradient,
                                  float* bias_gradient);

}  // namespace loquor
