// How a block of the key/value cache is laid out, and how attention tiles are merged.
#pragma once

#include <cstdint>

#include "kernels/table.h"

namespace loquor {

constexpr std::int64_t kBlockPositions = 32;  // positions in a cache block
constexpr std::int64_t kTilePositions =
    256;  // positions in an attention tile: 8 blocks, aligned to position 0

/// Bytes of the keys (or of the values) of one kv head in one block.
std::int64_t block_bytes(CacheType type, std::int64_t head_width);
/// Writes one position's key and value of one kv head into its block. Keys lie so that one
/// dimension of many positions is contiguous, values so that many dimensions of one position are:
///   f32:  keys [D][32], values [32][D];   bf16: keys [D/2][32][2], values [16][D][2].
void write_key_value(CacheType type, std::int64_t head_width, std::int64_t position_in_block,
                     const float* key, const float* value, void* key_block, void* value_block);
/// The reverse, for saving, shifting and tests.
void read_key_value(CacheType type, std::int64_t head_width, std::int64_t position_in_block,
                    const void* key_block, const void* value_block, float* key, float* value);

/// Merges the tile (maximum, sum, output) into the running one, in ascending order of tiles: the
/// one place where partial softmax results are added, for prefill and decode alike. output: (D)
void merge_tile(std::int64_t head_width, float& maximum, float& sum, float* output,
                float tile_maximum, float tile_sum, const float* tile_output);

}  // namespace loquor
