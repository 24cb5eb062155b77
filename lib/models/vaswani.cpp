// The Transformer of 2017: norms after each sublayer, sinusoids for positions, ReLU, and one
// embedding for the source, the target and the output. https://arxiv.org/abs/1706.03762
#include <cmath>

#include "models/bart.h"

namespace loquor::models {

static ModelSpec spec(Config& config) {
  ModelSpec spec = bart_spec(config);
  set_positions(spec, SinusoidSpec{}, 0);
  const double scale = std::sqrt(static_cast<double>(spec.width));
  for (StackSpec* stack : {&*spec.encoder, &*spec.decoder}) {
    stack->embedding.scale = scale;
    for (BlockSpec& block : stack->blocks)
      std::get<FeedForwardSpec>(block.feed_forward).activation =
          config.string("activation_function", "relu");
  }
  return spec;
}

static HeadSpec head(Config& config, HeadSpec::Task task) {
  HeadSpec head = bart_head(config, task);
  if (task == HeadSpec::Task::language) head.bias = false;
  return head;
}

extern constinit const Family vaswani{.names = {"vaswani"},
                                      .classes = {"Vaswani"},
                                      .ends = kEncoderDecoderClasses,
                                      .spec = spec,
                                      .head = head,
                                      .weights = bart_weights};

}  // namespace loquor::models
