#include "nn/head.h"

#include "base/error.h"
#include "nn/activation_names.h"
#include "ops/pool.h"
#include "ops/scale.h"
#include "ops/soft_cap.h"

namespace loquor {

Head::Head(const HeadSpec& spec, const ModelSpec& model, const Weight& tokens, Weights& weights)
    : spec_(spec) {
  const std::string name = loquor::name(spec.task);
  const std::int64_t narrow = model.last_stack().embedding.width;
  const std::int64_t width = spec.tied && narrow > 0 ? narrow : model.width;
  if (spec.transform) {
    transform_ = weights.linear(name + ".transform", width, model.width, spec.transform->bias);
    activation_ = activation_named(spec.transform->activation);
    norm_ = weights.norm(name + ".norm", spec.transform->norm, width);
  }
  const auto make_output = [&] {
    if (!spec.tied) return weights.linear(name + ".output", spec.outputs, width, spec.bias);
    const std::string table = text(model.decoder ? "decoder" : "encoder", ".embedding.tokens");
    return weights.tied_linear(name + ".output", table, tokens, spec.outputs, width, spec.bias);
  };
  const bool labels = spec.task == HeadSpec::Task::sequence || spec.task == HeadSpec::Task::token;
  output_ =
      labels ? within(text("the head for ", spec.outputs, " labels"), make_output) : make_output();
}

Tensor Head::operator()(Context& context, const Tensor& hidden) const {
  Tensor x = hidden;
  if (transform_) x = norm_(context, activate(context, (*transform_)(context, x), activation_));
  if (spec_.scale != 1) x = scale(context, x, static_cast<float>(spec_.scale));
  x = output_(context, x);
  return spec_.soft_cap > 0 ? soft_cap(context, std::move(x), static_cast<float>(spec_.soft_cap))
                            : x;
}

Tensor Head::operator()(Context& context, const Tensor& hidden, const Segments& segments) const {
  switch (spec_.pooling) {
    case HeadSpec::Pooling::none:
      return (*this)(context, hidden);
    case HeadSpec::Pooling::first:
      return (*this)(context, pool(context, hidden, segments, Pooling::first));
    case HeadSpec::Pooling::last:
      return (*this)(context, pool(context, hidden, segments, Pooling::last));
    case HeadSpec::Pooling::mean:
      return (*this)(context, pool(context, hidden, segments, Pooling::mean));
  }
  return {};
}

}  // namespace loquor
