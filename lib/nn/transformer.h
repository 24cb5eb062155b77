// Transformer: token ids to hidden states to logits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/block.h"
#include "nn/spec.h"
#include "nn/weights.h"

namespace loquor {

/// The most rows that one forward pass takes: bounds its memory and how long a Cancel waits.
constexpr std::int64_t kChunkRows = 512;

/// Immutable once built; any number of threads may run it, each with its own Context and caches.
class Transformer {
 public:
  /// Takes all weights that the spec asks for. Throws where one is missing, misshapen or left over.
  Transformer(const Runtime& runtime, const ModelSpec& spec, Weights& weights);

  const ModelSpec& spec() const noexcept { return spec_; }
  /// Hidden states after the final norm, (N, C). ids: (N), laid out as batch.segments says. Then
  /// batch.commit() makes the rows part of their sequences, or undo() drops them; a throw has
  /// undone them. context.taps sees "hidden", 0: the embedding's output; i: block i's output, the
  /// last after the final norm.
  Tensor forward(Context& context, std::span<const std::int32_t> ids, PackedBatch& batch) const;
  /// (n, C) -> (n, V)
  Tensor logits(Context& context, const Tensor& hidden) const;

 private:
  Tensor run(Context& context, std::span<const std::int32_t> ids, const PackedBatch& batch) const;

  ModelSpec spec_;
  Weight tokens_;     // (V, C)
  Weight positions_;  // (T, C), or empty
  std::vector<Block> blocks_;
  Norm final_norm_;
  Linear head_;  // (V, C)
};

/// Throws Error(invalid_file) naming what is wrong with the sizes of a spec.
void check(const ModelSpec& spec);

}  // namespace loquor
