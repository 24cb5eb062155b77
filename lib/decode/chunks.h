// Reading: the next ids of one or several sequences, packed, in chunks of bounded size.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "nn/transformer.h"

namespace loquor {

/// What a sequence reads next.
struct Unread {
  KeyValueCache* cache;
  std::span<const std::int32_t> ids;
  const KeyValueCache* encoded = nullptr;  // of the encoder's output, where the model has one
};

/// A chunk's rows of one sequence: those of its ids from ids[first] on.
struct ChunkPart {
  std::size_t sequence;
  std::int64_t first;
  std::int64_t rows;
};

/// Reads all ids, at most kChunkRows in one forward pass, and gives each chunk's hidden states
/// (N, C), in which its parts lie end to end. After a throw the caches are as they were.
void read_in_chunks(
    const Transformer& transformer, Context& context, std::span<const Unread> sequences,
    const std::function<void(const Tensor& hidden, std::span<const ChunkPart> parts)>& on_chunk);

/// Gives the logits (n, V) of some rows of `hidden` (N, C), a few rows at a time: a vocabulary is
/// wide.
void each_logits(
    const Transformer& transformer, Context& context, const Tensor& hidden,
    std::span<const std::int64_t> rows,
    const std::function<void(const Tensor& logits, std::span<const std::int64_t> rows)>& on_logits);

}  // namespace loquor
