// The vector of AVX2 with FMA: eight floats.
#pragma once

#include <immintrin.h>
#include <stdint.h>

namespace loquor {
namespace {

constexpr int kLanes = 8;
constexpr int kRowsAtOnce = 6;  // rows whose accumulators, two vectors each, fit 16 registers
using Vec = __m256;

inline Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }

inline __m256i first_lanes(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline Vec load_part(const float* from, int count) {
  return _mm256_maskload_ps(from, first_lanes(count));
}

inline void store_part(float* to, Vec v, int count) {
  _mm256_maskstore_ps(to, first_lanes(count), v);
}

}  // namespace
}  // namespace loquor
