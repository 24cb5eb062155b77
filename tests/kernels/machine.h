// What the tests of kernels share: every instruction set of this machine, and reproducible numbers.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/reference.h"
#include "kernels/table.h"

namespace loquor::tests {

/// Calls test(kernels) for the table of each instruction set that the machine has.
template <class Test>
void for_each_isa(Test&& test) {
  for (Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512}) {
    const KernelTable* table = kernels(isa);
    if (table == nullptr) continue;
    CAPTURE(std::string(name(isa)));
    test(*table);
  }
}

/// Normally distributed numbers.
inline std::vector<float> numbers(std::int64_t count, unsigned seed, float deviation = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(generator);
  return values;
}

/// Results of a kernel at an address that is no multiple of a vector, with guards that find writes
/// outside.
class Output {
 public:
  explicit Output(std::int64_t count)
      : values_(static_cast<std::size_t>(count) + 2 * kGuards, kGuard) {}
  float* data() { return values_.data() + kGuards; }
  bool intact() const {
    for (std::size_t i = 0; i < kGuards; ++i) {
      if (values_[i] != kGuard || values_[values_.size() - 1 - i] != kGuard) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kGuards = 17;
  static constexpr float kGuard = -12345.678f;
  std::vector<float> values_;
};

/// The largest difference to the reference.
inline double difference(const float* got, const reference::Matrix<double>& want) {
  return want.size() == 0 ? 0
                          : (reference::matrix<double>(got, want.rows(), want.cols()) - want)
                                .cwiseAbs()
                                .maxCoeff();
}

inline bool same_bits(const float* a, const float* b, std::int64_t count) {
  return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(float)) == 0;
}

}  // namespace loquor::tests
