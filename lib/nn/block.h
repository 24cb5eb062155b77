// A layer of the Transformer, in the paper's order: attention, then feed-forward, each with its
// norm and residual. https://arxiv.org/abs/1706.03762
#pragma once

#include <memory>
#include <span>
#include <string>

#include "nn/key_value_cache.h"
#include "nn/weights.h"
#include "ops/activation.h"
#include "ops/attention.h"
#include "ops/rope.h"

namespace loquor {

/// The packed batch that a forward pass works on: whose rows are whose, and each sequence's cache.
struct PackedBatch {
  Segments segments;
  std::vector<KeyValueCache*> caches;  // one a segment, at its first position

  void reserve();          // makes the caches writable for the batch's rows, or none of them
  void commit() noexcept;  // after a forward pass: the rows count as read
  void undo() noexcept;    // forgets what was written since the last commit
};

/// softmax(q k^T / sqrt(D)) v over the heads, with q, k and v one matrix.
class Attention {
 public:
  Attention(const AttentionSpec& spec, const std::string& name, std::int64_t width,
            Weights& weights, std::shared_ptr<const RopeTable> rope);
  Tensor operator()(Context& context, const Tensor& x, const PackedBatch& batch,
                    std::size_t layer) const;  // (N, C) -> (N, C)

 private:
  AttentionSpec spec_;
  Linear qkv_;     // ((H + 2K) D, C)
  Linear output_;  // (C, H D)
  std::shared_ptr<const RopeTable> rope_;
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

class Block {
 public:
  Block(const BlockSpec& spec, std::size_t index, std::int64_t width, Weights& weights,
        std::shared_ptr<const RopeTable> rope);
  Tensor operator()(Context& context, Tensor x,
                    const PackedBatch& batch) const;  // (N, C) -> (N, C)

 private:
  std::size_t index_;
  Norm attention_norm_;
  Attention attention_;
  Norm feed_forward_norm_;
  FeedForward feed_forward_;
};

}  // namespace loquor
