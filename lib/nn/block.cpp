#include "nn/block.h"

#include "base/error.h"
#include "ops/add.h"

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

Block::Block(const BlockSpec& spec, std::size_t index, std::int64_t width, Weights& weights,
             std::shared_ptr<const RopeTable> rope)
    : index_(index),
      attention_norm_(weights.norm(text("blocks.", index, ".attention.norm"), spec.norm, width)),
      attention_(spec.attention, text("blocks.", index, ".attention"), width, weights,
                 std::move(rope)),
      feed_forward_norm_(
          weights.norm(text("blocks.", index, ".feed_forward.norm"), spec.norm, width)),
      feed_forward_(spec.feed_forward, text("blocks.", index, ".feed_forward"), width, weights) {}

Tensor Block::operator()(Context& context, Tensor x, const PackedBatch& batch) const {
  x = add(context, std::move(x), attention_(context, attention_norm_(context, x), batch, index_));
  x = add(context, std::move(x), feed_forward_(context, feed_forward_norm_(context, x)));
  return x;
}

}  // namespace loquor
