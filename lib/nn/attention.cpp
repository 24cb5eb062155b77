#include <cmath>

#include "nn/block.h"

namespace loquor {

Attention::Attention(const AttentionSpec& spec, const std::string& name, std::int64_t width,
                     Weights& weights, std::shared_ptr<const RopeTable> rope)
    : spec_(spec),
      qkv_(weights.linear(name + ".qkv", (spec.heads + 2 * spec.key_value_heads) * spec.head_width,
                          width, spec.input_bias)),
      output_(
          weights.linear(name + ".output", width, spec.heads * spec.head_width, spec.output_bias)),
      rope_(std::move(rope)) {}

Tensor Attention::operator()(Context& context, const Tensor& x, const PackedBatch& batch,
                             std::size_t layer) const {
  const AttentionShape shape{.heads = spec_.heads,
                             .kv_heads = spec_.key_value_heads,
                             .head_width = spec_.head_width,
                             .scale = 1 / std::sqrt(static_cast<float>(spec_.head_width)),
                             .window = spec_.window};
  std::vector<KeyValueView> caches;
  for (const KeyValueCache* cache : batch.caches) caches.push_back(cache->view(layer));

  Tensor qkv = qkv_(context, x);
  if (rope_) {
    const RopeHeads heads{0, spec_.heads + spec_.key_value_heads, spec_.head_width,
                          spec_.rope->interleaved};
    rope(context, qkv, heads, batch.segments.positions(), *rope_);
  }
  store_keys_values(context, qkv, batch.segments, caches, shape);
  return output_(context, attention(context, qkv, batch.segments, caches, shape));
}

}  // namespace loquor
