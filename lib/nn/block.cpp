#include "nn/block.h"

#include "base/error.h"

namespace loquor {

void PackedBatch::reserve() {
  try {
    for (std::size_t i = 0; i < caches.size(); ++i) {
      const Segment& segment = segments[static_cast<std::int64_t>(i)];
      caches[i]->reserve(segment.first_position + segment.rows);
    }
  } catch (...) {
    undo();
    throw;
  }
}

void PackedBatch::commit() noexcept {
  for (std::size_t i = 0; i < caches.size(); ++i) {
    const Segment& segment = segments[static_cast<std::int64_t>(i)];
    caches[i]->advance(segment.first_position + segment.rows);
  }
}

void PackedBatch::undo() noexcept {
  for (KeyValueCache* cache : caches) cache->rewind(cache->length());
}

Residual::Residual(NormPlacement placement, const NormSpec& norm, const std::string& name,
                   std::int64_t width, Weights& weights)
    : placement_(placement), norm_(weights.norm(name + ".norm", norm, width)) {
  if (placement == NormPlacement::sandwich)
    post_norm_ = weights.norm(name + ".post_norm", norm, width);
}

namespace {

std::variant<FeedForward, Mixture> feed_forward_of(const BlockSpec& spec, const std::string& name,
                                                   std::int64_t width, Weights& weights) {
  if (const auto* mixture = std::get_if<MixtureSpec>(&spec.feed_forward))
    return Mixture(*mixture, name, width, weights);
  return FeedForward(std::get<FeedForwardSpec>(spec.feed_forward), name, width, weights);
}

}  // namespace

Block::Block(const BlockSpec& spec, bool causal, const std::string& name, std::int64_t width,
             Weights& weights, std::shared_ptr<const Rope> rope)
    : attention_residual_(spec.placement, spec.attention_norm, name + ".attention", width, weights),
      attention_(spec.attention, causal, name + ".attention", width, weights, std::move(rope)),
      feed_forward_residual_(spec.placement, spec.feed_forward_norm, name + ".feed_forward", width,
                             weights),
      feed_forward_(feed_forward_of(spec, name + ".feed_forward", width, weights)) {
  if (spec.cross_attention) {
    const std::string cross = name + ".cross_attention";
    cross_attention_residual_.emplace(spec.placement, spec.cross_attention_norm, cross, width,
                                      weights);
    cross_attention_.emplace(*spec.cross_attention, cross, width, weights);
  }
}

Tensor Block::operator()(Context& context, Tensor x, const Pass& pass) const {
  x = attention_residual_(context, std::move(x),
                          [&](const Tensor& input) { return attention_(context, input, pass); });
  if (cross_attention_) {
    x = (*cross_attention_residual_)(context, std::move(x), [&](const Tensor& input) {
      return (*cross_attention_)(context, input, pass);
    });
  }
  return feed_forward_residual_(context, std::move(x), [&](const Tensor& input) {
    return std::visit([&](const auto& sublayer) { return sublayer(context, input); },
                      feed_forward_);
  });
}

}  // namespace loquor
