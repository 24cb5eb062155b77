// From stored values and quantised blocks to f32.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "io/tensor_file.h"

namespace loquor {

/// Converts `blocks` whole blocks of `type` at `source`, of any alignment, to block_values(type)
/// floats each.
void dequantize(StoredType type, const std::byte* source, std::int64_t blocks, float* out) noexcept;

namespace detail {

/// A little-endian value at any address.
template <class T>
T load(const std::uint8_t* source) noexcept {
  static_assert(std::endian::native == std::endian::little, "model files are read in place");
  T value;
  std::memcpy(&value, source, sizeof value);
  return value;
}

/// IEEE half to single. Never forms a subnormal single, which workers would flush to zero.
inline float half_to_float(std::uint16_t half) noexcept {
  constexpr std::uint32_t exponent_mask = 0x7c00u << 13;
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t shifted = (half & 0x7fffu) << 13;
  const std::uint32_t exponent = shifted & exponent_mask;
  const std::uint32_t normal =
      shifted + (112u << 23) + (exponent == exponent_mask ? 112u << 23 : 0u);
  // A subnormal half is mantissa * 2^-24: put it behind a leading one of 2^-14, and take that one
  // away again.
  const float subnormal = std::bit_cast<float>(shifted + (113u << 23)) - 0x1p-14f;
  return std::bit_cast<float>((exponent == 0 ? std::bit_cast<std::uint32_t>(subnormal) : normal) |
                              sign);
}

inline float load_half(const std::uint8_t* source) noexcept {
  return half_to_float(load<std::uint16_t>(source));
}

// One block of 256 values each, in dequantize_k.cpp.
void q2_k(const std::uint8_t* block, float* out) noexcept;
void q3_k(const std::uint8_t* block, float* out) noexcept;
void q4_k(const std::uint8_t* block, float* out) noexcept;
void q5_k(const std::uint8_t* block, float* out) noexcept;
void q6_k(const std::uint8_t* block, float* out) noexcept;

}  // namespace detail
}  // namespace loquor
