// Plain number types and the blocks of 32 of GGUF. The block formats are ggml's (ggml-common.h);
// the order of operations is that of its reference conversion, so that values are equal to the bit.
#include "io/dequantize.h"

namespace loquor {
namespace {

using detail::half_to_float;
using detail::load;
using detail::load_half;

template <class T>
float number(const std::uint8_t* source) noexcept {
  return static_cast<float>(load<T>(source));
}

float bf16(const std::uint8_t* source) noexcept {
  return std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(source)} << 16);
}

// 1 sign, 4 exponent (bias 7), 3 mantissa bits; no infinities, all ones is NaN:
// https://arxiv.org/abs/2209.05433
float f8_e4m3(const std::uint8_t* source) noexcept {
  const std::uint32_t sign = (*source & 0x80u) << 24;
  const std::uint32_t exponent = (*source >> 3) & 15u;
  const std::uint32_t mantissa = *source & 7u;
  float magnitude = static_cast<float>(mantissa) * 0x1p-9f;
  if ((*source & 0x7f) == 0x7f) {
    magnitude = std::bit_cast<float>(0x7fc00000u);
  } else if (exponent != 0) {
    magnitude = std::bit_cast<float>(((exponent + 120u) << 23) | (mantissa << 20));
  }
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
}

// The upper byte of a half.
float f8_e5m2(const std::uint8_t* source) noexcept {
  return half_to_float(static_cast<std::uint16_t>(*source << 8));
}

// f16 scale; 16 bytes, whose low nibbles are values 0 to 15 and whose high nibbles are values 16
// to 31.
void q4_0(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block);
  const std::uint8_t* values = block + 2;
  for (int i = 0; i < 16; ++i) {
    out[i] = static_cast<float>((values[i] & 15) - 8) * scale;
    out[i + 16] = static_cast<float>((values[i] >> 4) - 8) * scale;
  }
}

// f16 scale, f16 minimum; nibbles as in q4_0.
void q4_1(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block);
  const float minimum = load_half(block + 2);
  const std::uint8_t* values = block + 4;
  for (int i = 0; i < 16; ++i) {
    out[i] = static_cast<float>(values[i] & 15) * scale + minimum;
    out[i + 16] = static_cast<float>(values[i] >> 4) * scale + minimum;
  }
}

// The fifth bits of 32 values, then their nibbles as in q4_0.
void unpack_5_bits(const std::uint8_t* source, int* values) noexcept {
  const auto high = load<std::uint32_t>(source);
  const std::uint8_t* low = source + 4;
  for (int i = 0; i < 16; ++i) {
    values[i] = (low[i] & 15) | static_cast<int>((high >> i << 4) & 16u);
    values[i + 16] = (low[i] >> 4) | static_cast<int>((high >> (i + 16) << 4) & 16u);
  }
}

// f16 scale; 32 five-bit values.
void q5_0(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block);
  int values[32];
  unpack_5_bits(block + 2, values);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(values[i] - 16) * scale;
}

// f16 scale, f16 minimum; 32 five-bit values.
void q5_1(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block);
  const float minimum = load_half(block + 2);
  int values[32];
  unpack_5_bits(block + 4, values);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(values[i]) * scale + minimum;
}

// f16 scale; 32 signed bytes.
void q8_0(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block);
  for (int i = 0; i < 32; ++i) {
    out[i] = static_cast<float>(static_cast<std::int8_t>(block[2 + i])) * scale;
  }
}

// f16 scale; nibbles as in q4_0, each an index into these levels.
void iq4_nl(const std::uint8_t* block, float* out) noexcept {
  static constexpr float kLevels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                        1,    13,   25,  38,  53,  69,  89,  113};
  const float scale = load_half(block);
  const std::uint8_t* values = block + 2;
  for (int i = 0; i < 16; ++i) {
    out[i] = scale * kLevels[values[i] & 15];
    out[i + 16] = scale * kLevels[values[i] >> 4];
  }
}

// Functions are template arguments so that each loop is compiled with its body inside.
template <float (*convert)(const std::uint8_t*) noexcept, int bytes>
void each_value(const std::uint8_t* source, std::int64_t count, float* out) noexcept {
  for (std::int64_t i = 0; i < count; ++i) out[i] = convert(source + i * bytes);
}

template <void (*convert)(const std::uint8_t*, float*) noexcept, int values, int bytes>
void each_block(const std::uint8_t* source, std::int64_t count, float* out) noexcept {
  for (std::int64_t i = 0; i < count; ++i) convert(source + i * bytes, out + i * values);
}

}  // namespace

void dequantize(StoredType type, const std::byte* source, std::int64_t blocks,
                float* out) noexcept {
  const auto* from = reinterpret_cast<const std::uint8_t*>(source);
  switch (type) {
    case StoredType::f32:
      return each_value<number<float>, 4>(from, blocks, out);
    case StoredType::f16:
      return each_value<load_half, 2>(from, blocks, out);
    case StoredType::bf16:
      return each_value<bf16, 2>(from, blocks, out);
    case StoredType::f64:
      return each_value<number<double>, 8>(from, blocks, out);
    case StoredType::f8_e4m3:
      return each_value<f8_e4m3, 1>(from, blocks, out);
    case StoredType::f8_e5m2:
      return each_value<f8_e5m2, 1>(from, blocks, out);
    case StoredType::i64:
      return each_value<number<std::int64_t>, 8>(from, blocks, out);
    case StoredType::i32:
      return each_value<number<std::int32_t>, 4>(from, blocks, out);
    case StoredType::i16:
      return each_value<number<std::int16_t>, 2>(from, blocks, out);
    case StoredType::i8:
      return each_value<number<std::int8_t>, 1>(from, blocks, out);
    case StoredType::u64:
      return each_value<number<std::uint64_t>, 8>(from, blocks, out);
    case StoredType::u32:
      return each_value<number<std::uint32_t>, 4>(from, blocks, out);
    case StoredType::u16:
      return each_value<number<std::uint16_t>, 2>(from, blocks, out);
    case StoredType::u8:
    case StoredType::boolean:
      return each_value<number<std::uint8_t>, 1>(from, blocks, out);
    case StoredType::q4_0:
      return each_block<q4_0, 32, 18>(from, blocks, out);
    case StoredType::q4_1:
      return each_block<q4_1, 32, 20>(from, blocks, out);
    case StoredType::q5_0:
      return each_block<q5_0, 32, 22>(from, blocks, out);
    case StoredType::q5_1:
      return each_block<q5_1, 32, 24>(from, blocks, out);
    case StoredType::q8_0:
      return each_block<q8_0, 32, 34>(from, blocks, out);
    case StoredType::q2_k:
      return each_block<detail::q2_k, 256, 84>(from, blocks, out);
    case StoredType::q3_k:
      return each_block<detail::q3_k, 256, 110>(from, blocks, out);
    case StoredType::q4_k:
      return each_block<detail::q4_k, 256, 144>(from, blocks, out);
    case StoredType::q5_k:
      return each_block<detail::q5_k, 256, 176>(from, blocks, out);
    case StoredType::q6_k:
      return each_block<detail::q6_k, 256, 210>(from, blocks, out);
    case StoredType::iq4_nl:
      return each_block<iq4_nl, 32, 18>(from, blocks, out);
  }
}

}  // namespace loquor
