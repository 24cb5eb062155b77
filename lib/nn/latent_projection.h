// q, k and v by way of latents, as DeepSeek has them (https://arxiv.org/abs/2405.04434).
#pragma once

#include <optional>
#include <string>

#include "nn/rope.h"
#include "nn/weights.h"

namespace loquor {

/// q = q_b(norm(q_a(x))); the latent of k and v is the first part of kv_a(x), and the rest of it
/// the columns of k that turn. P of a head's D columns turn.
class LatentProjection {
 public:
  LatentProjection(const AttentionSpec& spec, const std::string& name, std::int64_t width,
                   Weights& weights);
  /// Turned already; values padded with zeros to the keys' width. (N, C) -> (N, 3 H D)
  Tensor operator()(Context& context, const Tensor& x, const PackedBatch& batch,
                    const Rope& rope) const;

 private:
  std::int64_t heads_, head_width_, turning_, rank_, value_width_;  // H, D, P
  std::optional<Linear> q_a_;                                       // (query rank, C)
  Norm q_norm_;                                                     // (query rank)
  Linear q_b_;    // (H D, query rank), or (H D, C)
  Linear kv_a_;   // (rank + P, C)
  Norm kv_norm_;  // (rank)
  Linear kv_b_;   // (H (D - P + value width), rank)
};

}  // namespace loquor
