#include "nn/rope_frequencies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace loquor {

namespace {

// Llama 3.1's rule, as transformers' modeling_rope_utils computes it: wavelengths longer than the
// original context over low_freq_factor are stretched by factor, shorter than that over
// high_freq_factor are kept, and a ramp lies between.
double llama3(const RopeSpec::Llama3& scaling, double frequency) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  if (wavelength > scaling.original_positions / scaling.low_freq_factor)
    return frequency / scaling.factor;
  if (wavelength < scaling.original_positions / scaling.high_freq_factor) return frequency;
  const double kept = (scaling.original_positions / wavelength - scaling.low_freq_factor) /
                      (scaling.high_freq_factor - scaling.low_freq_factor);
  return (1 - kept) * frequency / scaling.factor + kept * frequency;
}

// The dimension that makes `turns` turns over the original context.
double dimension_of(const RopeSpec::Yarn& yarn, double turns, double theta, double width) {
  return width * std::log(yarn.original_positions / (turns * 2 * std::numbers::pi)) /
         (2 * std::log(theta));
}

// Fast dimensions are kept, slow ones divided by factor, with a ramp between; as transformers'
// modeling_rope_utils computes it.
void yarn(const RopeSpec::Yarn& scaling, double theta, std::vector<double>& frequencies) {
  const auto width = static_cast<double>(2 * frequencies.size());
  double low = dimension_of(scaling, scaling.beta_fast, theta, width);
  double high = dimension_of(scaling, scaling.beta_slow, theta, width);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, width - 1);
  if (low == high) high += 0.001;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    frequencies[i] *= 1 - ramp + ramp / scaling.factor;
  }
}

void divide(const std::vector<double>& factors, std::vector<double>& frequencies) {
  if (factors.size() != frequencies.size()) {
    fail(Code::invalid_file, "the rotary embedding has ", factors.size(), " factors, expected ",
         frequencies.size());
  }
  for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= factors[i];
}

// theta as transformers' modeling_rope_utils grows it with the context.
double dynamic_theta(const RopeSpec& rope, double width, double context_length) {
  const auto* dynamic = std::get_if<RopeSpec::Dynamic>(&rope.scaling);
  if (!dynamic || context_length <= dynamic->original_positions) return rope.theta;
  const double growth =
      dynamic->factor * context_length / dynamic->original_positions - (dynamic->factor - 1);
  return rope.theta * std::pow(growth, width / (width - 2));
}

}  // namespace

std::vector<double> rope_frequencies(const RopeSpec& rope, std::int64_t width,
                                     std::int64_t context_length) {
  std::vector<double> frequencies(static_cast<std::size_t>(width / 2));
  const auto columns = static_cast<double>(width);
  const auto context = static_cast<double>(context_length);
  const double theta = dynamic_theta(rope, columns, context);
  for (std::size_t i = 0; i < frequencies.size(); ++i)
    frequencies[i] = std::pow(theta, -2.0 * static_cast<double>(i) / columns);
  if (const auto* linear = std::get_if<RopeSpec::Linear>(&rope.scaling)) {
    for (double& frequency : frequencies) frequency /= linear->factor;
  } else if (const auto* scaling = std::get_if<RopeSpec::Llama3>(&rope.scaling)) {
    for (double& frequency : frequencies) frequency = llama3(*scaling, frequency);
  } else if (const auto* ramp = std::get_if<RopeSpec::Yarn>(&rope.scaling)) {
    yarn(*ramp, rope.theta, frequencies);
  } else if (const auto* table = std::get_if<RopeSpec::Factors>(&rope.scaling)) {
    divide(table->factors, frequencies);
  } else if (const auto* both = std::get_if<RopeSpec::Long>(&rope.scaling)) {
    divide(context > both->original_positions ? both->long_factors : both->short_factors,
           frequencies);
  }
  return frequencies;
}

}  // namespace loquor
