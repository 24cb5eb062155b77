#include "nn/sinusoid.h"

#include <cmath>

namespace loquor {

Sinusoid::Sinusoid(std::int64_t width, std::int64_t steps)
    : frequencies_(static_cast<std::size_t>(width / 2)) {
  for (std::size_t i = 0; i < frequencies_.size(); ++i)
    frequencies_[i] = std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(steps));
}

void Sinusoid::write(std::int64_t position, float* out) const {
  for (std::size_t i = 0; i < frequencies_.size(); ++i) {
    const double angle = static_cast<double>(position) * frequencies_[i];
    out[i] = static_cast<float>(std::sin(angle));
    out[frequencies_.size() + i] = static_cast<float>(std::cos(angle));
  }
}

}  // namespace loquor
