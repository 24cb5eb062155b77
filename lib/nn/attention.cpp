#include <cmath>

#include "nn/block.h"
#include "ops/attention_probabilities.h"
#include "ops/latent.h"
#include "ops/self_attention.h"

namespace loquor {

namespace {

AttentionShape shape_of(const AttentionSpec& spec, bool causal) {
  const double scale = spec.scale.value_or(1 / std::sqrt(static_cast<double>(spec.head_width)));
  return {.heads = spec.heads,
          .kv_heads = spec.key_value_heads,
          .head_width = spec.head_width,
          .scale = static_cast<float>(scale),
          .window = spec.window,
          .causal = causal,
          .soft_cap = static_cast<float>(spec.soft_cap)};
}

std::int64_t value_width(const AttentionSpec& spec) {
  return spec.latent ? spec.latent->value_width : spec.head_width;
}

std::variant<Linear, LatentProjection> projection(const AttentionSpec& spec,
                                                  const std::string& name, std::int64_t width,
                                                  Weights& weights) {
  if (spec.latent) return LatentProjection(spec, name, width, weights);
  const std::int64_t columns = (spec.heads + 2 * spec.key_value_heads) * spec.head_width;
  return weights.linear(name + ".qkv", columns, width, spec.input_bias);
}

template <class Caches>
std::vector<KeyValueView> views(const Caches& caches, std::size_t layer) {
  std::vector<KeyValueView> views;
  for (const KeyValueCache* cache : caches) views.push_back(cache->view(layer));
  return views;
}

/// Computes the probabilities where a tap asks for them.
template <class Probabilities>
void show(Context& context, const char* name, const Pass& pass, Probabilities&& probabilities) {
  if (context.taps && context.taps->wants(name))
    context.taps->see(name, static_cast<std::int64_t>(pass.layer), probabilities());
}

}  // namespace

Attention::Attention(const AttentionSpec& spec, bool causal, const std::string& name,
                     std::int64_t width, Weights& weights, std::shared_ptr<const Rope> rope)
    : shape_(shape_of(spec, causal)),
      qkv_(projection(spec, name, width, weights)),
      rope_(std::move(rope)),
      output_(weights.linear(name + ".output", width, spec.heads * value_width(spec),
                             spec.output_bias)),
      value_width_(value_width(spec)) {
  if (spec.relative_positions)
    relative_positions_.emplace(shape_, name + ".relative", width, weights);
  if (spec.head_norm) {
    q_norm_ = weights.norm(name + ".q_norm", *spec.head_norm, spec.head_width);
    k_norm_ = weights.norm(name + ".k_norm", *spec.head_norm, spec.head_width);
  }
}

// q, k and v of every row, end to end.
Tensor Attention::project(Context& context, const Tensor& x, const PackedBatch& batch) const {
  if (const auto* latent = std::get_if<LatentProjection>(&qkv_))
    return (*latent)(context, x, batch, *rope_);
  Tensor qkv = std::get<Linear>(qkv_)(context, x);
  if (q_norm_) {
    q_norm_->heads(context, qkv, 0, shape_.heads);
    k_norm_->heads(context, qkv, shape_.heads * shape_.head_width, shape_.kv_heads);
  }
  if (rope_) (*rope_)(context, qkv, {0, shape_.heads + shape_.kv_heads, shape_.head_width}, batch);
  return qkv;
}

Tensor Attention::operator()(Context& context, const Tensor& x, const Pass& pass) const {
  const PackedBatch& batch = pass.batch;
  Tensor qkv = project(context, x, batch);
  const ScoreBias* bias = pass.bias;
  Tensor scores, seen;
  ScoreBias of_scores;
  if (relative_positions_) {
    scores = relative_positions_->scores(context, qkv, batch.segments, pass.types, pass.distances);
    of_scores = relative_positions_->view(scores);
    bias = &of_scores;
  }
  if (batch.caches.empty()) {
    seen = self_attention(context, qkv, batch.segments, shape_, bias);
    show(context, "attention", pass,
         [&] { return self_attention_probabilities(context, qkv, batch.segments, shape_, bias); });
  } else {
    const std::vector<KeyValueView> caches = views(batch.caches, pass.layer);
    store_keys_values(context, qkv, batch.segments, caches, shape_);
    seen = attention(context, qkv, batch.segments, caches, shape_, bias);
    show(context, "attention", pass, [&] {
      return attention_probabilities(context, qkv, batch.segments, caches, shape_, bias);
    });
  }
  // Latents give values that are narrower than keys; the cache keeps them padded to the keys'
  // width.
  if (value_width_ < shape_.head_width)
    seen = take_heads(context, seen, {0, shape_.heads, shape_.head_width, value_width_});
  return output_(context, seen);
}

CrossAttention::CrossAttention(const AttentionSpec& spec, const std::string& name,
                               std::int64_t width, Weights& weights)
    : shape_(shape_of(spec, false)),
      q_(weights.linear(name + ".q", spec.heads * spec.head_width, width, spec.input_bias)),
      kv_(weights.linear(name + ".kv", 2 * spec.key_value_heads * spec.head_width, width,
                         spec.input_bias)),
      output_(weights.linear(name + ".output", width, spec.heads * spec.head_width,
                             spec.output_bias)) {}

void CrossAttention::store(Context& context, const Tensor& encoded, const PackedBatch& batch,
                           std::size_t layer) const {
  store_keys_values(context, kv_(context, encoded), batch.segments, views(batch.caches, layer),
                    shape_, 0);
}

Tensor CrossAttention::operator()(Context& context, const Tensor& x, const Pass& pass) const {
  const Segments& segments = pass.batch.segments;
  const std::vector<KeyValueView> encoded = views(pass.batch.encoded, pass.layer);
  const Tensor q = q_(context, x);
  const Tensor seen = attention(context, q, segments, encoded, shape_);
  show(context, "cross_attention", pass,
       [&] { return attention_probabilities(context, q, segments, encoded, shape_); });
  return output_(context, seen);
}

}  // namespace loquor
