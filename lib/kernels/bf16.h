// bf16, the upper half of a float's bits.
#pragma once

#include <bit>
#include <cstdint>

namespace loquor {

/// Rounds to nearest, ties to even; NaN stays NaN.
inline std::uint16_t bf16_of(float value) {
  const std::uint32_t exact = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t nearest = exact + 0x7fff + ((exact >> 16) & 1);
  return static_cast<std::uint16_t>((value == value ? nearest : exact | 0x400000) >> 16);
}

inline float float_of(std::uint16_t bf16) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bf16) << 16);
}

}  // namespace loquor
