#include "base/error.h"
#include "nn/activation_names.h"
#include "nn/block.h"
#include "ops/add.h"
#include "ops/linear.h"

namespace loquor {

Mixture::Mixture(const MixtureSpec& spec, const std::string& name, std::int64_t width,
                 Weights& weights)
    : routing_{.experts = spec.experts,
               .chosen = spec.chosen,
               .score = spec.score == MixtureSpec::Score::softmax ? RouterScore::softmax
                                                                  : RouterScore::sigmoid,
               .normalize = spec.normalize,
               .scale = static_cast<float>(spec.scale),
               .groups = spec.groups,
               .chosen_groups = spec.chosen_groups},
      activation_(activation_named(spec.activation)),
      router_(weights.linear(name + ".router", spec.experts, width, spec.choice_bias)) {
  for (std::int64_t i = 0; i < spec.experts; ++i) {
    const std::string expert = text(name, ".experts.", i);
    experts_.push_back({weights.linear(expert + ".gate_up", 2 * spec.width, width, false).weight,
                        weights.linear(expert + ".out", width, spec.width, false).weight});
  }
  if (spec.shared_width > 0) {
    const FeedForwardSpec shared{
        .width = spec.shared_width, .activation = spec.activation, .gated = true};
    shared_.emplace(shared, name + ".shared", width, weights);
  }
}

Tensor Mixture::operator()(Context& context, const Tensor& x) const {
  const Tensor logits = linear(context, x, router_.weight);
  const Routes routes = route(context, logits, routing_, router_.bias);
  Tensor y = mixture(context, x, routes, experts_, activation_);
  return shared_ ? add(context, std::move(y), (*shared_)(context, x)) : y;
}

}  // namespace loquor
