// Reads a rotary embedding from a config, in the spellings of transformers 4 and 5.
#include <cmath>
#include <optional>

#include "base/error.h"
#include "nn/family.h"

namespace loquor {

namespace {

// YaRN's factor of the scores, which grows with the context (equation 22 of the paper).
double yarn_magnitude(double factor, double scale) {
  return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1;
}

void read_yarn(Config& scaling, double positions, double original, RopeSpec& rope) {
  RopeSpec::Yarn yarn;
  yarn.original_positions = original;
  yarn.factor = scaling.number("factor", positions / original);
  yarn.beta_fast = scaling.number("beta_fast", 32.0);
  yarn.beta_slow = scaling.number("beta_slow", 1.0);
  yarn.truncate = scaling.boolean("truncate", true);
  const double mscale = scaling.number("mscale", 0.0);
  const double all_dim = scaling.number("mscale_all_dim", 0.0);
  const double magnitude = mscale != 0 && all_dim != 0 ? yarn_magnitude(yarn.factor, mscale) /
                                                             yarn_magnitude(yarn.factor, all_dim)
                                                       : yarn_magnitude(yarn.factor, 1);
  rope.attention_factor = scaling.number("attention_factor", magnitude);
  rope.scaling = yarn;
}

std::vector<double> factors(Config& scaling, std::string_view key) {
  std::vector<double> factors;
  for (const Json& factor : scaling.value(key).as_array()) factors.push_back(factor.as_number());
  return factors;
}

// The scores' factor as transformers computes it where a file gives none.
void read_long(Config& scaling, double positions, double original, RopeSpec& rope) {
  rope.scaling =
      RopeSpec::Long{factors(scaling, "short_factor"), factors(scaling, "long_factor"), original};
  const double factor = scaling.number("factor", positions / original);
  const double magnitude = factor <= 1 ? 1 : std::sqrt(1 + std::log(factor) / std::log(original));
  rope.attention_factor = scaling.number("attention_factor", magnitude);
}

void read_scaling(Config& scaling, double positions, std::optional<double> stated, RopeSpec& rope) {
  const std::string type = scaling.string("rope_type", scaling.string("type", "default"));
  if (type == "default") return;
  const auto original = [&] {
    return stated.value_or(scaling.number("original_max_position_embeddings", positions));
  };
  if (type == "linear") {
    rope.scaling = RopeSpec::Linear{scaling.number("factor")};
  } else if (type == "dynamic") {
    rope.scaling = RopeSpec::Dynamic{scaling.number("factor"), positions};
  } else if (type == "llama3") {
    rope.scaling = RopeSpec::Llama3{scaling.number("factor"), scaling.number("low_freq_factor"),
                                    scaling.number("high_freq_factor"), original()};
  } else if (type == "longrope" || type == "su" || scaling.has("long_factor")) {
    read_long(scaling, positions, original(), rope);  // the first Phi-3 called it su, then yarn
  } else if (type == "yarn") {
    read_yarn(scaling, positions, original(), rope);
  } else if (type == "factors") {
    rope.scaling = RopeSpec::Factors{factors(scaling, "factors")};
  } else {
    fail(Code::unsupported, scaling.source(), ": rope_scaling type ", quoted(type),
         " is not built; known are default, linear, dynamic, llama3, yarn and longrope");
  }
}

}  // namespace

RopeSpec rope_spec(Config& config, std::int64_t head_width, std::int64_t positions,
                   std::string_view layer_type) {
  RopeSpec rope;
  Config* scaling =
      config.section(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  if (scaling && !layer_type.empty() && scaling->has(layer_type)) {
    // Of a kind that no layer has it says nothing.
    for (const char* kind : {"full_attention", "sliding_attention"}) scaling->value(kind);
    scaling = scaling->section(layer_type);
  }
  // What rope_parameters says itself goes before what stands beside it.
  rope.theta = config.number("rope_theta", 10000.0);
  double turning = config.number("partial_rotary_factor", 1.0);
  if (scaling) {
    rope.theta = scaling->number("rope_theta", rope.theta);
    turning = scaling->number("partial_rotary_factor", turning);
  }
  if (turning != 1)
    rope.width = static_cast<std::int64_t>(static_cast<double>(head_width) * turning);
  if (config.gguf() && config.has("rotary_dim")) rope.width = config.size("rotary_dim");
  std::optional<double> original;  // of Phi-3, where it goes before what the scaling says
  if (config.has("original_max_position_embeddings"))
    original = config.number("original_max_position_embeddings");
  if (scaling) read_scaling(*scaling, static_cast<double>(positions), original, rope);
  return rope;
}

}  // namespace loquor
