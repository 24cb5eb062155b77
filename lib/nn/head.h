// What stands on the last hidden states: a vocabulary's logits, or a few labels.
#pragma once

#include <optional>

#include "nn/spec.h"
#include "nn/weights.h"
#include "ops/activation.h"
#include "ops/segments.h"

namespace loquor {

class Head {
 public:
  /// tokens: the embedding of the last stack, which a tied head shares, (V, E).
  Head(const HeadSpec& spec, const ModelSpec& model, const Weight& tokens, Weights& weights);
  /// Of the rows given, (N, C) -> (N, outputs).
  Tensor operator()(Context& context, const Tensor& hidden) const;
  /// Of each sequence, (N, C) -> (segments, outputs); of every row where the spec pools none.
  Tensor operator()(Context& context, const Tensor& hidden, const Segments& segments) const;
  const HeadSpec& spec() const noexcept { return spec_; }

 private:
  HeadSpec spec_;
  std::optional<Linear> transform_;  // (E, C)
  Activation activation_{};
  Norm norm_;      // (E)
  Linear output_;  // (outputs, E)
};

}  // namespace loquor
