// Cache blocks: reading, writing; and the merging of attention tiles.
#include "kernels/attention.h"

#include <cmath>
#include <limits>

#include "kernels/bf16.h"

namespace loquor {

namespace {

// Where dimension d of the key of position p lies, in elements: [D][32] or [D/2][32][2].
std::int64_t key_index(CacheType type, std::int64_t d, std::int64_t p) {
  return type == CacheType::f32 ? d * kBlockPositions + p
                                : (d / 2 * kBlockPositions + p) * 2 + d % 2;
}

// The same for its value: [32][D] or [16][D][2].
std::int64_t value_index(CacheType type, std::int64_t head_width, std::int64_t d, std::int64_t p) {
  return type == CacheType::f32 ? p * head_width + d : (p / 2 * head_width + d) * 2 + p % 2;
}

void set(CacheType type, void* block, std::int64_t index, float value) {
  if (type == CacheType::f32) {
    static_cast<float*>(block)[index] = value;
  } else {
    static_cast<std::uint16_t*>(block)[index] = bf16_of(value);
  }
}

float get(CacheType type, const void* block, std::int64_t index) {
  return type == CacheType::f32 ? static_cast<const float*>(block)[index]
                                : float_of(static_cast<const std::uint16_t*>(block)[index]);
}

}  // namespace

std::int64_t block_bytes(CacheType type, std::int64_t head_width) {
  return kBlockPositions * head_width * (type == CacheType::f32 ? 4 : 2);
}

void write_key_value(CacheType type, std::int64_t head_width, std::int64_t position_in_block,
                     const float* key, const float* value, void* key_block, void* value_block) {
  for (std::int64_t d = 0; d < head_width; ++d) {
    set(type, key_block, key_index(type, d, position_in_block), key[d]);
    set(type, value_block, value_index(type, head_width, d, position_in_block), value[d]);
  }
}

void read_key_value(CacheType type, std::int64_t head_width, std::int64_t position_in_block,
                    const void* key_block, const void* value_block, float* key, float* value) {
  for (std::int64_t d = 0; d < head_width; ++d) {
    key[d] = get(type, key_block, key_index(type, d, position_in_block));
    value[d] = get(type, value_block, value_index(type, head_width, d, position_in_block));
  }
}

void merge_tile(std::int64_t head_width, float& maximum, float& sum, float* output,
                float tile_maximum, float tile_sum, const float* tile_output) {
  if (tile_maximum == -std::numeric_limits<float>::infinity()) return;  // nothing was visible
  const float larger = tile_maximum > maximum ? tile_maximum : maximum;
  const float scale = std::exp(maximum - larger);
  const float tile_scale = std::exp(tile_maximum - larger);
  maximum = larger;
  sum = sum * scale + tile_sum * tile_scale;
  for (std::int64_t d = 0; d < head_width; ++d) {
    output[d] = output[d] * scale + tile_output[d] * tile_scale;
  }
}

}  // namespace loquor
