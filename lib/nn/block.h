// A layer of the Transformer, in the paper's order: attention, then feed-forward, each with its
// norm and residual. https://arxiv.org/abs/1706.03762
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "nn/key_value_cache.h"
#include "nn/latent_projection.h"
#include "nn/relative_positions.h"
#include "nn/rope.h"
#include "nn/weights.h"
#include "ops/activation.h"
#include "ops/add.h"
#include "ops/attention.h"
#include "ops/mixture.h"

namespace loquor {

/// The packed batch that a forward pass works on: whose rows are whose, and each sequence's cache.
struct PackedBatch {
  Segments segments;
  /// One a segment, at its first position; none in an encoder, which reads whole sequences.
  std::vector<KeyValueCache*> caches;
  /// One a segment: keys and values of its encoder's output, where the model has an encoder.
  std::vector<const KeyValueCache*> encoded;

  void reserve();          // makes the caches writable for the batch's rows, or none of them
  void commit() noexcept;  // after a forward pass: the rows count as read
  void undo() noexcept;    // forgets what was written since the last commit
};

/// Where a block stands in a forward pass.
struct Pass {
  const PackedBatch& batch;
  std::size_t layer = 0;                  // counts the blocks of a stack
  const ScoreBias* bias = nullptr;        // of self-attention's scores
  std::span<const std::int32_t> types{};  // (N), or empty
  Tensor distances{};                     // of relative positions, (2T - 1, C)
};

/// softmax(q k^T / sqrt(D)) v over the heads, with q, k and v one matrix.
class Attention {
 public:
  Attention(const AttentionSpec& spec, bool causal, const std::string& name, std::int64_t width,
            Weights& weights, std::shared_ptr<const Rope> rope);
  Tensor operator()(Context& context, const Tensor& x, const Pass& pass) const;  // (N, C) -> (N, C)

 private:
  Tensor project(Context& context, const Tensor& x, const PackedBatch& batch) const;

  AttentionShape shape_;
  std::variant<Linear, LatentProjection> qkv_;  // ((H + 2K) D, C)
  std::optional<Norm> q_norm_, k_norm_;         // (D)
  std::optional<RelativePositions> relative_positions_;
  std::shared_ptr<const Rope> rope_;
  Linear output_;             // (C, H D)
  std::int64_t value_width_;  // of a head; D, or less where keys are wider than values
};

/// The same with keys and values of the encoder's output, which are computed once.
class CrossAttention {
 public:
  CrossAttention(const AttentionSpec& spec, const std::string& name, std::int64_t width,
                 Weights& weights);
  /// Keys and values of the encoder's output, (N, C), into caches that have room for them.
  void store(Context& context, const Tensor& encoded, const PackedBatch& batch,
             std::size_t layer) const;
  Tensor operator()(Context& context, const Tensor& x, const Pass& pass) const;  // (N, C) -> (N, C)

 private:
  AttentionShape shape_;
  Linear q_;       // (H D, C)
  Linear kv_;      // (2 K D, C)
  Linear output_;  // (C, H D)
};

/// out(activation(in(x))), or out(activation(gate(x)) * up(x)) with gate and up one matrix.
class FeedForward {
 public:
  FeedForward(const FeedForwardSpec& spec, const std::string& name, std::int64_t width,
              Weights& weights);
  Tensor operator()(Context& context, const Tensor& x) const;  // (N, C) -> (N, C)

 private:
  bool gated_;
  Activation activation_;
  Linear in_;   // (F, C), or (2F, C) gated
  Linear out_;  // (C, F)
};

/// Experts, of which each row takes a few, and one that all take.
class Mixture {
 public:
  Mixture(const MixtureSpec& spec, const std::string& name, std::int64_t width, Weights& weights);
  Tensor operator()(Context& context, const Tensor& x) const;  // (N, C) -> (N, C)

 private:
  Routing routing_;
  Activation activation_;
  Linear router_;                // (E, C); its bias counts in the choice alone
  std::vector<Expert> experts_;  // E
  std::optional<FeedForward> shared_;
};

/// A sublayer's norms and the residual around it.
class Residual {
 public:
  Residual(NormPlacement placement, const NormSpec& norm, const std::string& name,
           std::int64_t width, Weights& weights);
  /// x, (N, C), and what the sublayer makes of it.
  template <class Sublayer>
  Tensor operator()(Context& context, Tensor x, Sublayer&& sublayer) const {
    switch (placement_) {
      case NormPlacement::pre:
        return add(context, std::move(x), sublayer(norm_(context, x)));
      case NormPlacement::post:
        return norm_(context, add(context, std::move(x), sublayer(x)));
      case NormPlacement::sandwich:
        return add(context, std::move(x), post_norm_(context, sublayer(norm_(context, x))));
    }
    return x;
  }

 private:
  NormPlacement placement_;
  Norm norm_;
  Norm post_norm_;
};

class Block {
 public:
  Block(const BlockSpec& spec, bool causal, const std::string& name, std::int64_t width,
        Weights& weights, std::shared_ptr<const Rope> rope);
  Tensor operator()(Context& context, Tensor x, const Pass& pass) const;  // (N, C) -> (N, C)
  const CrossAttention& cross_attention() const { return *cross_attention_; }

 private:
  Residual attention_residual_;
  Attention attention_;
  std::optional<Residual> cross_attention_residual_;
  std::optional<CrossAttention> cross_attention_;
  Residual feed_forward_residual_;
  std::variant<FeedForward, Mixture> feed_forward_;
};

}  // namespace loquor
