#include "nn/activation_names.h"
#include "nn/block.h"

namespace loquor {

FeedForward::FeedForward(const FeedForwardSpec& spec, const std::string& name, std::int64_t width,
                         Weights& weights)
    : gated_(spec.gated),
      activation_(activation_named(spec.activation)),
      in_(spec.gated ? weights.linear(name + ".gate_up", 2 * spec.width, width, spec.bias)
                     : weights.linear(name + ".in", spec.width, width, spec.bias)),
      out_(weights.linear(name + ".out", width, spec.width, spec.bias)) {}

Tensor FeedForward::operator()(Context& context, const Tensor& x) const {
  Tensor hidden = in_(context, x);
  hidden = gated_ ? gated_activation(context, hidden, activation_)
                  : activate(context, std::move(hidden), activation_);
  return out_(context, hidden);
}

}  // namespace loquor
