#include "nn/key_value_cache.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/error.h"
#include "kernels/bf16.h"

namespace loquor {

namespace {

std::size_t blocks_for(std::int64_t positions) {
  return static_cast<std::size_t>((positions + kBlockPositions - 1) / kBlockPositions);
}

// Calls fn(kv_head, position in block) for the first `positions` of a block.
template <class Function>
void each_slot(const KeyValueLayout& layout, std::int64_t from, std::int64_t to, Function&& fn) {
  for (std::int64_t head = 0; head < layout.kv_heads; ++head) {
    for (std::int64_t position = from; position < to; ++position) fn(head, position);
  }
}

void read_slot(const KeyValueLayout& layout, const Buffer& block, std::int64_t head,
               std::int64_t position, float* key, float* value) {
  void* bytes = const_cast<std::byte*>(block.as<>());
  read_key_value(layout.type, layout.head_width, position, layout.keys(bytes, head),
                 layout.values(bytes, head), key, value);
}

void write_slot(const KeyValueLayout& layout, Buffer& block, std::int64_t head,
                std::int64_t position, const float* key, const float* value) {
  write_key_value(layout.type, layout.head_width, position, key, value,
                  layout.keys(block.as<>(), head), layout.values(block.as<>(), head));
}

bool shared(const std::shared_ptr<Buffer>& block) {
  if (block.use_count() != 1) return true;
  // Another session's last reads, before it let go of the block, come before our writes.
  std::atomic_thread_fence(std::memory_order_acquire);
  return false;
}

std::size_t value_bytes(CacheType type) {
  return type == CacheType::bf16 ? sizeof(std::uint16_t) : sizeof(float);
}

std::int64_t saved_bytes(const KeyValueLayout& layout) {  // of one position of one layer
  return 2 * layout.kv_heads * layout.head_width *
         static_cast<std::int64_t>(value_bytes(layout.type));
}

// Values as the cache holds them: what it keeps as bf16 is bf16 exactly.
void save_values(CacheType type, const std::vector<float>& values, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + values.size() * value_bytes(type));
  if (type == CacheType::f32) {
    std::memcpy(out.data() + start, values.data(), values.size() * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t stored = bf16_of(values[i]);
    std::memcpy(out.data() + start + i * sizeof stored, &stored, sizeof stored);
  }
}

// The bytes behind those of the values.
const char* restore_values(CacheType type, const char* from, std::vector<float>& values) {
  if (type == CacheType::f32) {
    std::memcpy(values.data(), from, values.size() * sizeof(float));
  } else {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::uint16_t stored;
      std::memcpy(&stored, from + i * sizeof stored, sizeof stored);
      values[i] = float_of(stored);
    }
  }
  return from + values.size() * value_bytes(type);
}

}  // namespace

std::vector<CacheLayer> cache_layers(const ModelSpec& spec, CacheType type) {
  std::vector<CacheLayer> layers;
  if (!spec.decoder) return layers;
  for (const BlockSpec& block : spec.decoder->blocks) {
    const AttentionSpec& attention = block.attention;
    layers.push_back({{type, attention.key_value_heads, attention.head_width}, attention.window});
  }
  return layers;
}

std::vector<CacheLayer> cross_cache_layers(const ModelSpec& spec, CacheType type) {
  std::vector<CacheLayer> layers;
  if (!spec.encoder || !spec.decoder) return layers;
  for (const BlockSpec& block : spec.decoder->blocks) {
    const AttentionSpec& attention = *block.cross_attention;
    layers.push_back({{type, attention.key_value_heads, attention.head_width}, 0});
  }
  return layers;
}

std::int64_t cache_bytes_per_position(const std::vector<CacheLayer>& layers) {
  std::int64_t bytes = 0;
  for (const CacheLayer& layer : layers) bytes += layer.layout.block_size() / kBlockPositions;
  return bytes;
}

KeyValueCache::KeyValueCache(const Runtime& runtime, const std::vector<CacheLayer>& layers,
                             std::int64_t context_length)
    : runtime_(runtime), context_length_(context_length) {
  for (const CacheLayer& layer : layers) {
    layers_.push_back({layer, {}, {}, false});
    zeros_.resize(std::max(zeros_.size(), static_cast<std::size_t>(layer.layout.head_width)));
  }
}

void KeyValueCache::Layer::set(std::size_t index, Block block) {
  pointers[index] = block ? block->as<void>() : nullptr;
  blocks[index] = std::move(block);
}

std::int64_t KeyValueCache::Layer::first_needed(std::int64_t position) const noexcept {
  return shape.window > 0 ? std::max<std::int64_t>(0, position - shape.window + 1) : 0;
}

KeyValueCache::Block KeyValueCache::make(const Layer& layer) const {
  return std::make_shared<Buffer>(runtime_, layer.shape.layout.block_size(), "the key/value cache");
}

KeyValueCache::Block KeyValueCache::copy(const Layer& layer, const Buffer& from,
                                         std::int64_t positions) const {
  const KeyValueLayout& layout = layer.shape.layout;
  Block block = make(layer);
  std::vector<float> key(static_cast<std::size_t>(layout.head_width)), value(key.size());
  each_slot(layout, 0, positions, [&](std::int64_t head, std::int64_t position) {
    read_slot(layout, from, head, position, key.data(), value.data());
    write_slot(layout, *block, head, position, key.data(), value.data());
  });
  return block;
}

void KeyValueCache::reserve(std::int64_t end) {
  const std::size_t count = blocks_for(end);
  const auto partial = static_cast<std::size_t>(length_ / kBlockPositions);
  const std::int64_t filled = length_ % kBlockPositions;
  try {
    for (Layer& layer : layers_) {
      if (filled > 0 && (layer.stale || shared(layer.blocks[partial]))) {
        layer.set(partial, copy(layer, *layer.blocks[partial], filled));
        layer.stale = false;
      }
      layer.blocks.reserve(count);
      layer.pointers.reserve(count);
      while (layer.blocks.size() < count) {
        layer.blocks.push_back(make(layer));
        layer.pointers.push_back(layer.blocks.back()->as<void>());
      }
    }
  } catch (...) {
    rewind(length_);
    throw;
  }
}

void KeyValueCache::advance(std::int64_t end) noexcept {
  length_ = end;
  for (Layer& layer : layers_) {
    const std::int64_t reach =
        layer.first_needed(length_) / kBlockPositions;  // blocks before this one are out of reach
    for (std::int64_t i = reach - 1; i >= 0 && layer.blocks[static_cast<std::size_t>(i)]; --i) {
      layer.set(static_cast<std::size_t>(i), nullptr);
    }
  }
}

bool KeyValueCache::can_rewind(std::int64_t n) const noexcept {
  return std::all_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    const auto first = static_cast<std::size_t>(layer.first_needed(n) / kBlockPositions);
    return n == 0 || n == length_ || (first < layer.blocks.size() && layer.blocks[first]);
  });
}

void KeyValueCache::rewind(std::int64_t n) noexcept {
  const std::size_t count = blocks_for(n);
  const std::int64_t filled = n % kBlockPositions;
  for (Layer& layer : layers_) {
    const KeyValueLayout& layout = layer.shape.layout;
    layer.blocks.resize(std::min(count, layer.blocks.size()));
    layer.pointers.resize(layer.blocks.size());
    // Slots that are not in use hold zeros. A shared block is left alone: reserve() copies only
    // what is in use.
    if (filled == 0 || layer.blocks.empty() || !layer.blocks.back()) continue;
    layer.stale = shared(layer.blocks.back());
    if (layer.stale) continue;
    each_slot(layout, filled, kBlockPositions, [&](std::int64_t head, std::int64_t position) {
      write_slot(layout, *layer.blocks.back(), head, position, zeros_.data(), zeros_.data());
    });
  }
  length_ = n;
}

KeyValueView KeyValueCache::view(std::size_t layer) const noexcept {
  return {layers_[layer].shape.layout.type, layers_[layer].pointers, length_};
}

std::string KeyValueCache::save() const {
  std::string out;
  for (const Layer& layer : layers_) {
    const KeyValueLayout& layout = layer.shape.layout;
    const auto width = static_cast<std::size_t>(layout.head_width);
    std::vector<float> slot(2 * width);
    // Positions that a window has left behind for good are not there, and are not saved.
    for (std::int64_t position = layer.first_needed(length_); position < length_; ++position) {
      const Buffer& block = *layer.blocks[static_cast<std::size_t>(position / kBlockPositions)];
      for (std::int64_t head = 0; head < layout.kv_heads; ++head) {
        read_slot(layout, block, head, position % kBlockPositions, slot.data(),
                  slot.data() + width);
        save_values(layout.type, slot, out);
      }
    }
  }
  return out;
}

void KeyValueCache::restore(std::string_view bytes, std::int64_t length) {
  std::int64_t expected = 0;
  for (const Layer& layer : layers_) {
    expected += (length - layer.first_needed(length)) * saved_bytes(layer.shape.layout);
  }
  if (static_cast<std::int64_t>(bytes.size()) != expected) {
    fail(Code::invalid_file, "saved keys and values take ", bytes.size(), " bytes, expected ",
         expected);
  }
  std::vector<CacheLayer> shapes;
  for (const Layer& layer : layers_) shapes.push_back(layer.shape);
  KeyValueCache fresh(runtime_, shapes, context_length_);
  fresh.reserve(length);
  const char* from = bytes.data();
  for (Layer& layer : fresh.layers_) {
    const KeyValueLayout& layout = layer.shape.layout;
    const auto width = static_cast<std::size_t>(layout.head_width);
    std::vector<float> slot(2 * width);
    for (std::int64_t position = layer.first_needed(length); position < length; ++position) {
      Buffer& block = *layer.blocks[static_cast<std::size_t>(position / kBlockPositions)];
      for (std::int64_t head = 0; head < layout.kv_heads; ++head) {
        from = restore_values(layout.type, from, slot);
        write_slot(layout, block, head, position % kBlockPositions, slot.data(),
                   slot.data() + width);
      }
    }
  }
  fresh.advance(length);
  *this = std::move(fresh);
}

}  // namespace loquor
