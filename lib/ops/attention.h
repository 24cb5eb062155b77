// Attention over cached keys and values, for any mixture of prompts and single steps: sequences are
// segments of one packed batch. A row's result depends on its own query and its own sequence's
// cache only, to the bit: tiles of 256 positions aligned to position 0 are merged in ascending
// order, however rows are batched and threads are used.
#pragma once

#include <cstdint>
#include <span>

#include "ops/attention_shape.h"
#include "ops/key_value.h"
#include "ops/score_bias.h"
#include "ops/segments.h"
#include "ops/tensor.h"

namespace loquor {

/// Writes the keys and values of all rows into the blocks of their sequences, of which each needs
/// those of its new positions. qkv: (N, (H + 2K) D), after rope; caches: one a segment.
void store_keys_values(Context& context, const Tensor& qkv, const Segments& segments,
                       std::span<const KeyValueView> caches, const AttentionShape& shape);

/// The same for rows without queries or with others before: keys_values: (N, at least key_column +
/// 2 K D), the keys from key_column and the values behind them.
void store_keys_values(Context& context, const Tensor& keys_values, const Segments& segments,
                       std::span<const KeyValueView> caches, const AttentionShape& shape,
                       std::int64_t key_column);

/// Reads all visible keys and values back from the cache, the new ones too. q: (N, at least H D),
/// the queries first, so that a fused row serves -> (N, H D). bias: nullptr for none. The caches
/// may hold another sequence than the queries', such as an encoder's. Blocks that no row sees are
/// not touched; a row that sees nothing gives zeros.
Tensor attention(Context& context, const Tensor& q, const Segments& segments,
                 std::span<const KeyValueView> caches, const AttentionShape& shape,
                 const ScoreBias* bias = nullptr);

}  // namespace loquor
