// The vector of AVX-512: sixteen floats.
#pragma once

#include <immintrin.h>
#include <stdint.h>

namespace loquor {
namespace {

constexpr int kLanes = 16;
constexpr int kRowsAtOnce = 8;  // rows whose accumulators, two vectors each, fit 32 registers
using Vec = __m512;

inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }

inline __mmask16 first_lanes(int count) { return static_cast<__mmask16>((1u << count) - 1u); }

inline Vec load_part(const float* from, int count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), from);
}

inline void store_part(float* to, Vec v, int count) {
  _mm512_mask_storeu_ps(to, first_lanes(count), v);
}

}  // namespace
}  // namespace loquor
