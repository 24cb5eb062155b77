#include "nn/family.h"

#include <cmath>

#include "base/error.h"

namespace loquor {

namespace {

// YaRN's factor of the scores, which grows with the context (equation 22 of the paper).
double yarn_magnitude(double factor, double scale) {
  return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1;
}

void read_yarn(Config& scaling, double positions, RopeSpec& rope) {
  RopeSpec::Yarn yarn;
  yarn.factor = scaling.number("factor");
  yarn.beta_fast = scaling.number("beta_fast", 32.0);
  yarn.beta_slow = scaling.number("beta_slow", 1.0);
  yarn.original_positions = scaling.number("original_max_position_embeddings", positions);
  yarn.truncate = scaling.boolean("truncate", true);
  const double mscale = scaling.number("mscale", 0.0);
  const double all_dim = scaling.number("mscale_all_dim", 0.0);
  const double magnitude = mscale != 0 && all_dim != 0 ? yarn_magnitude(yarn.factor, mscale) /
                                                             yarn_magnitude(yarn.factor, all_dim)
                                                       : yarn_magnitude(yarn.factor, 1);
  rope.attention_factor = scaling.number("attention_factor", magnitude);
  rope.scaling = yarn;
}

void read_factors(Config& scaling, std::string_view key, RopeSpec& rope) {
  RopeSpec::Factors factors;
  for (const Json& factor : scaling.value(key).as_array())
    factors.factors.push_back(factor.as_number());
  rope.scaling = std::move(factors);
}

void read_scaling(Config& scaling, double positions, RopeSpec& rope) {
  const std::string type = scaling.string("rope_type", scaling.string("type", "default"));
  if (type == "linear") {
    rope.scaling = RopeSpec::Linear{scaling.number("factor")};
  } else if (type == "llama3") {
    rope.scaling = RopeSpec::Llama3{scaling.number("factor"), scaling.number("low_freq_factor"),
                                    scaling.number("high_freq_factor"),
                                    scaling.number("original_max_position_embeddings", positions)};
  } else if (type == "yarn") {
    read_yarn(scaling, positions, rope);
  } else if (type == "factors") {
    read_factors(scaling, "factors", rope);
  } else if (type != "default") {
    fail(Code::unsupported, scaling.source(), ": rope_scaling type ", quoted(type),
         " is not built; known are default, linear, llama3 and yarn");
  }
}

}  // namespace

HeadSpec decoder_head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  if (task == Task::language)
    return {.task = task, .tied = config.boolean("tie_word_embeddings", false)};
  if (task == Task::sequence) return {.task = task, .pooling = HeadSpec::Pooling::last};
  if (task == Task::token) return {.task = task, .bias = true};
  fail(Code::unsupported, config.source(), ": this head is not built for a decoder");
}

RopeSpec rope_spec(Config& config, std::int64_t head_width, std::int64_t positions,
                   std::string_view layer_type) {
  RopeSpec rope;
  Config* scaling =
      config.section(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  if (scaling && !layer_type.empty() && scaling->has(layer_type))
    scaling = scaling->section(layer_type);
  // What rope_parameters says itself goes before what stands beside it.
  rope.theta = config.number("rope_theta", 10000.0);
  double turning = config.number("partial_rotary_factor", 1.0);
  if (scaling) {
    rope.theta = scaling->number("rope_theta", rope.theta);
    turning = scaling->number("partial_rotary_factor", turning);
  }
  if (turning != 1)
    rope.width = static_cast<std::int64_t>(static_cast<double>(head_width) * turning);
  if (scaling) read_scaling(*scaling, static_cast<double>(positions), rope);
  return rope;
}

}  // namespace loquor
