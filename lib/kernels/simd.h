// What the vectors of all instruction sets share, on top of simd_<isa>.h. Vec is one of the
// compiler's generic vectors:
// + - * / and comparisons are operators, and c ? a : b chooses by lane.
// Everything has internal linkage and no C++ header is used, so that no code compiled for one
// instruction set can take the place of the same function elsewhere.
#pragma once

// Before loops over the rows whose accumulators shall stay in registers, at any level of
// optimisation.
#define LOQUOR_UNROLL _Pragma("GCC unroll 16")

namespace loquor {
namespace {

using Bits = uint32_t __attribute__((vector_size(kLanes * 4)));
using Ints = int32_t __attribute__((vector_size(kLanes * 4)));
using HalfBits = uint16_t __attribute__((vector_size(kLanes * 2)));

inline Vec set(float value) { return Vec{} + value; }
inline Vec max(Vec a, Vec b) { return a > b ? a : b; }
inline Bits bits(Vec v) { return reinterpret_cast<Bits>(v); }
inline Vec floats(Bits v) { return reinterpret_cast<Vec>(v); }

inline Vec load(const float* from) {
  Vec v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}
/// The first `count` lanes from memory, zeros in the others.
inline Vec load(const float* from, int count) {
  return count == kLanes ? load(from) : load_part(from, count);
}
inline void store(float* to, Vec v) { __builtin_memcpy(to, &v, sizeof v); }
inline void store(float* to, Vec v, int count) {
  if (count == kLanes) {
    store(to, v);
  } else {
    store_part(to, v, count);
  }
}

/// 0, 1, 2, ...
inline Ints lane_numbers() {
  Ints v = {};
  for (int i = 0; i < kLanes; ++i) v[i] = i;
  return v;
}

/// The sum of the lanes: the upper half is added to the lower until one is left.
inline float sum(Vec v) {
  float lanes[kLanes];
  __builtin_memcpy(lanes, &v, sizeof v);
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

/// The largest lane.
inline float maximum(Vec v) {
  float lanes[kLanes];
  __builtin_memcpy(lanes, &v, sizeof v);
  float largest = lanes[0];
  for (int i = 1; i < kLanes; ++i) largest = lanes[i] > largest ? lanes[i] : largest;
  return largest;
}

/// Calls body(offset, lanes) for each whole vector of [0, count), then for the rest.
template <class Body>
inline void for_each_vector(int64_t count, Body body) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) body(i, kLanes);
  if (i < count) body(i, static_cast<int>(count - i));
}

}  // namespace
}  // namespace loquor
