// How a layer's block of 32 positions is laid out: kv head after kv head, its keys and then its
// values, each as kernels/attention.h lays them out.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/attention.h"

namespace loquor {

struct KeyValueLayout {
  CacheType type = CacheType::f32;
  std::int64_t kv_heads = 0;
  std::int64_t head_width = 0;

  /// Bytes of one block; a multiple of 64.
  std::int64_t block_size() const { return 2 * kv_heads * block_bytes(type, head_width); }
  void* keys(void* block, std::int64_t kv_head) const {
    return static_cast<char*>(block) + 2 * kv_head * block_bytes(type, head_width);
  }
  void* values(void* block, std::int64_t kv_head) const {
    return static_cast<char*>(block) + (2 * kv_head + 1) * block_bytes(type, head_width);
  }
};

/// One sequence's keys and values of one layer. blocks[i]: positions 32 i to 32 i + 31, 64-byte
/// aligned and zeroed before its first use; nullptr where a window has left it behind for good.
struct KeyValueView {
  CacheType type = CacheType::f32;
  std::span<void* const> blocks;
  std::int64_t length = 0;  // positions that rows may see where attention is not causal
};

}  // namespace loquor
