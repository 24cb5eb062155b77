// Transformer: token ids to hidden states to what its head makes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "nn/head.h"
#include "nn/spec.h"
#include "nn/stack.h"
#include "nn/weights.h"

namespace loquor {

/// The most rows that one forward pass of a decoder takes: bounds its memory and how long a Cancel
/// waits.
constexpr std::int64_t kChunkRows = 512;

/// Immutable once built; any number of threads may run it, each with its own Context and caches.
class Transformer {
 public:
  /// Takes all weights that the spec asks for. Throws where one is missing, misshapen or left over.
  Transformer(const Runtime& runtime, const ModelSpec& spec, Weights& weights);

  const ModelSpec& spec() const noexcept { return spec_; }

  /// The encoder's hidden states of whole sequences, (N, C). types: (N), or empty where all are 0.
  /// context.taps sees "hidden" of an encoder alone, and "encoder_hidden" of one with a decoder;
  /// and "attention" of each block, (N, H T), where it wants that.
  Tensor encode(Context& context, std::span<const std::int32_t> ids,
                std::span<const std::int32_t> types, const Segments& segments) const;
  /// Keys and values that the decoder's blocks read of the encoder's output, (N, C), into empty
  /// caches of cross_cache_layers(), one a sequence.
  void remember(Context& context, const Tensor& encoded, const Segments& segments,
                std::vector<KeyValueCache*> caches) const;
  /// The decoder's hidden states, (N, C). ids: (N), laid out as batch.segments says. Then
  /// batch.commit() makes the rows part of their sequences, or undo() drops them; a throw has
  /// undone them. context.taps sees "hidden", 0: the embedding's output; i: block i's output, the
  /// last after the final norm; and "attention" and "cross_attention" where it wants them.
  Tensor forward(Context& context, std::span<const std::int32_t> ids, PackedBatch& batch) const;
  /// What the head makes of some rows of the last hidden states, (n, C) -> (n, outputs).
  Tensor logits(Context& context, const Tensor& hidden) const;
  /// What it makes of each sequence, (N, C) -> (segments, outputs).
  Tensor pooled_logits(Context& context, const Tensor& hidden, const Segments& segments) const;

 private:
  const Head& head() const;

  ModelSpec spec_;
  std::optional<Stack> encoder_;
  std::optional<Stack> decoder_;
  std::optional<Head> head_;
};

/// Throws Error(invalid_file) naming what is wrong with the sizes of a spec.
void check(const ModelSpec& spec);

}  // namespace loquor
