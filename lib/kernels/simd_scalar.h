// The vector of machines without kernels of their own: four floats, as the compiler maps them
// (SSE2, NEON, plain code).
#pragma once

#include <stdint.h>

namespace loquor {
namespace {

constexpr int kLanes = 4;
constexpr int kRowsAtOnce = 4;  // rows whose accumulators, two vectors each, fit 16 registers
using Vec = float __attribute__((vector_size(16)));

/// a * b + c, rounded twice: the processor may lack a fused instruction.
inline Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }

inline Vec load_part(const float* from, int count) {
  Vec v = {};
  __builtin_memcpy(&v, from, static_cast<unsigned long>(count) * sizeof(float));
  return v;
}

inline void store_part(float* to, Vec v, int count) {
  __builtin_memcpy(to, &v, static_cast<unsigned long>(count) * sizeof(float));
}

}  // namespace
}  // namespace loquor
