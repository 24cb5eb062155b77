#include "base/error.h"
#include "nn/block.h"

namespace loquor {

namespace {

// transformers' names (ACT2FN) of the activations that we build.
Activation activation(const std::string& name) {
  if (name == "silu" || name == "swish") return Activation::silu;
  if (name == "gelu") return Activation::gelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast")
    return Activation::gelu_tanh;
  if (name == "relu") return Activation::relu;
  fail(Code::unsupported, "activation ", quoted(name),
       " is not built; known are silu, gelu, gelu_new, gelu_fast, gelu_pytorch_tanh and relu");
}

}  // namespace

FeedForward::FeedForward(const FeedForwardSpec& spec, const std::string& name, std::int64_t width,
                         Weights& weights)
    : gated_(spec.gated),
      activation_(activation(spec.activation)),
      in_(weights.linear(name + ".in", (spec.gated ? 2 : 1) * spec.width, width, spec.bias)),
      out_(weights.linear(name + ".out", width, spec.width, spec.bias)) {}

Tensor FeedForward::operator()(Context& context, const Tensor& x) const {
  Tensor hidden = in_(context, x);
  hidden = gated_ ? gated_activation(context, hidden, activation_)
                  : activate(context, std::move(hidden), activation_);
  return out_(context, hidden);
}

}  // namespace loquor
