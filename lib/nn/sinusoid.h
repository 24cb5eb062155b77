// Positions as sines and cosines. https://arxiv.org/abs/1706.03762
#pragma once

#include <cstdint>
#include <vector>

namespace loquor {

class Sinusoid {
 public:
  /// Frequencies 10000^(-i / steps) for i below width / 2.
  Sinusoid(std::int64_t width, std::int64_t steps);
  /// The sines of position times each frequency, then the cosines. out: (width)
  void write(std::int64_t position, float* out) const;

 private:
  std::vector<double> frequencies_;
};

}  // namespace loquor
