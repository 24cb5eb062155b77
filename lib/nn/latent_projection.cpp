#include "nn/latent_projection.h"

#include "ops/latent.h"

namespace loquor {

LatentProjection::LatentProjection(const AttentionSpec& spec, const std::string& name,
                                   std::int64_t width, Weights& weights)
    : heads_(spec.heads),
      head_width_(spec.head_width),
      turning_(spec.rope->width),
      rank_(spec.latent->rank),
      value_width_(spec.latent->value_width) {
  const LatentSpec& latent = *spec.latent;
  const std::int64_t queries = heads_ * head_width_;
  if (latent.query_rank > 0) {
    q_a_ = weights.linear(name + ".q_a", latent.query_rank, width, spec.input_bias);
    q_norm_ = weights.norm(name + ".q_norm", latent.norm, latent.query_rank);
    q_b_ = weights.linear(name + ".q_b", queries, latent.query_rank, false);
  } else {
    q_b_ = weights.linear(name + ".q", queries, width, false);
  }
  kv_a_ = weights.linear(name + ".kv_a", rank_ + turning_, width, spec.input_bias);
  kv_norm_ = weights.norm(name + ".kv_norm", latent.norm, rank_);
  kv_b_ = weights.linear(name + ".kv_b", heads_ * (head_width_ - turning_ + value_width_), rank_,
                         false);
}

Tensor LatentProjection::operator()(Context& context, const Tensor& x, const PackedBatch& batch,
                                    const Rope& rope) const {
  Tensor q = q_b_(context, q_a_ ? q_norm_(context, (*q_a_)(context, x)) : x);
  Tensor narrow = kv_a_(context, x);
  const Tensor latent = kv_norm_(context, take_heads(context, narrow, {0, 1, rank_, rank_}));
  const Tensor kv = kv_b_(context, latent);
  rope(context, q, {head_width_ - turning_, heads_, head_width_}, batch);
  rope(context, narrow, {rank_, 1, turning_}, batch);
  return join_latent_heads(context, q, kv, narrow,
                           {.heads = heads_,
                            .head_width = head_width_,
                            .shared_width = turning_,
                            .value_width = value_width_});
}

}  // namespace loquor
