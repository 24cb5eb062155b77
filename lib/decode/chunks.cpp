#include "decode/chunks.h"

#include <algorithm>
#include <vector>

#include "base/threads.h"
#include "ops/gather.h"

namespace loquor {

namespace {

using Chunk = std::vector<ChunkPart>;

std::vector<Chunk> cut(std::span<const Unread> sequences) {
  std::vector<Chunk> chunks;
  std::int64_t room = 0;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto count = static_cast<std::int64_t>(sequences[i].ids.size());
    for (std::int64_t first = 0; first < count;) {
      if (room == 0) {
        chunks.emplace_back();
        room = kChunkRows;
      }
      const std::int64_t rows = std::min(room, count - first);
      chunks.back().push_back({i, first, rows});
      first += rows;
      room -= rows;
    }
  }
  return chunks;
}

}  // namespace

void read_in_chunks(
    const Transformer& transformer, Context& context, std::span<const Unread> sequences,
    const std::function<void(const Tensor& hidden, std::span<const ChunkPart> parts)>& on_chunk) {
  const FlushDenormals flush;
  const ThreadPool::Awake awake(context.pool());
  const std::vector<Chunk> chunks = cut(sequences);
  // Chunks that are committed are undone by going back to copies, which share their blocks.
  std::vector<KeyValueCache> before;
  if (chunks.size() > 1) {
    for (const Unread& sequence : sequences) before.push_back(*sequence.cache);
  }
  try {
    for (const Chunk& chunk : chunks) {
      PackedBatch batch;
      std::vector<std::int32_t> ids;
      for (const auto& [sequence, first, rows] : chunk) {
        const auto& [cache, unread, encoded] = sequences[sequence];
        batch.segments.add(rows, cache->length());
        batch.caches.push_back(cache);
        if (encoded) batch.encoded.push_back(encoded);
        const auto next =
            unread.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(rows));
        ids.insert(ids.end(), next.begin(), next.end());
      }
      try {
        on_chunk(transformer.forward(context, ids, batch), chunk);
      } catch (...) {
        batch.undo();
        throw;
      }
      batch.commit();
    }
  } catch (...) {
    for (std::size_t i = 0; i < before.size(); ++i) *sequences[i].cache = std::move(before[i]);
    throw;
  }
}

void each_logits(const Transformer& transformer, Context& context, const Tensor& hidden,
                 std::span<const std::int64_t> rows,
                 const std::function<void(const Tensor& logits,
                                          std::span<const std::int64_t> rows)>& on_logits) {
  constexpr std::size_t kSlice = 64;
  for (std::size_t at = 0; at < rows.size(); at += kSlice) {
    const auto slice = rows.subspan(at, std::min(kSlice, rows.size() - at));
    on_logits(transformer.logits(context, gather_rows(context, hidden, slice)), slice);
  }
}

}  // namespace loquor
