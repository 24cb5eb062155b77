#include "nn/rope_frequencies.h"

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

}  // namespace

std::vector<double> rope_frequencies(const RopeSpec& rope, std::int64_t width) {
  std::vector<double> frequencies(static_cast<std::size_t>(width / 2));
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    frequencies[i] =
        std::pow(rope.theta, -2.0 * static_cast<double>(i) / static_cast<double>(width));
  }
  if (const auto* linear = std::get_if<RopeSpec::Linear>(&rope.scaling)) {
    for (double& frequency : frequencies) frequency /= linear->factor;
  } else if (const auto* scaling = std::get_if<RopeSpec::Llama3>(&rope.scaling)) {
    for (double& frequency : frequencies) frequency = llama3(*scaling, frequency);
  } else if (const auto* table = std::get_if<RopeSpec::Factors>(&rope.scaling)) {
    if (table->factors.size() != frequencies.size()) {
      fail(Code::invalid_file, "rope_freqs.weight has ", table->factors.size(),
           " factors, expected ", frequencies.size());
    }
    for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= table->factors[i];
  }
  return frequencies;
}

}  // namespace loquor
