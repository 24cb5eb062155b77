#include "nn/activation_names.h"

#include "base/error.h"

namespace loquor {

Activation activation_named(const std::string& name) {
  constexpr std::pair<std::string_view, Activation> kNames[] = {
      {"silu", Activation::silu},           {"swish", Activation::silu},
      {"gelu", Activation::gelu},           {"gelu_python", Activation::gelu},
      {"gelu_new", Activation::gelu_tanh},  {"gelu_pytorch_tanh", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh}, {"relu", Activation::relu},
      {"tanh", Activation::tanh},           {"quick_gelu", Activation::quick_gelu},
      {"relu2", Activation::relu_squared},  {"sigmoid", Activation::sigmoid}};
  std::string known;
  for (const auto& [candidate, activation] : kNames) {
    if (candidate == name) return activation;
    known += (known.empty() ? "" : ", ") + std::string(candidate);
  }
  fail(Code::unsupported, "activation ", quoted(name), " is not built; known are ", known);
}

}  // namespace loquor
