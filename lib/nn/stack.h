// A stack of blocks over an embedding: the encoder or the decoder of the paper.
// https://arxiv.org/abs/1706.03762
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nn/block.h"
#include "nn/relative_bias.h"
#include "nn/spec.h"
#include "nn/weights.h"

namespace loquor {

/// Token ids to rows.
class Embedding {
 public:
  Embedding(const EmbeddingSpec& spec, const ModelSpec& model, const std::string& name,
            Weights& weights);
  /// types: (N), or empty where all are 0 -> (N, C)
  Tensor operator()(Context& context, std::span<const std::int32_t> ids,
                    std::span<const std::int32_t> types,
                    std::span<const std::int32_t> positions) const;
  const Weight& tokens() const noexcept { return tokens_; }

 private:
  EmbeddingSpec spec_;
  Weight tokens_;     // (V, E)
  Weight positions_;  // (first position + T, E), or empty
  Vector sinusoids_;
  Weight types_;                      // (types, E), or empty
  Norm norm_;                         // (E)
  std::optional<Linear> projection_;  // (C, E)
};

class Stack {
 public:
  /// `name` is what the weights' names begin with: "encoder." or "decoder.".
  Stack(const Runtime& runtime, const StackSpec& spec, const ModelSpec& model,
        const std::string& name, Weights& weights);
  /// context.taps sees `tap`, 0: the embedding's output; i: block i's output, the last after the
  /// final norm. -> (N, C)
  Tensor operator()(Context& context, std::span<const std::int32_t> ids,
                    std::span<const std::int32_t> types, const PackedBatch& batch,
                    std::string_view tap) const;
  const Embedding& embedding() const noexcept { return embedding_; }
  std::size_t depth() const noexcept { return depth_; }
  const Block& block(std::size_t layer) const noexcept {
    return blocks_[blocks_.size() == 1 ? 0 : layer];
  }

 private:
  Embedding embedding_;
  std::size_t depth_;
  std::vector<Block> blocks_;  // one where all share its weights
  std::optional<RelativeBias> relative_bias_;
  bool relative_positions_ = false;
  Norm final_norm_;
};

}  // namespace loquor
