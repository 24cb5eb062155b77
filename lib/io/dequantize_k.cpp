// The "k" blocks of GGUF: 256 values in groups with small integer scales of their own. The block
// formats are ggml's (ggml-common.h, k_quants); the order of operations is that of its reference
// conversion.
#include "io/dequantize.h"

namespace loquor::detail {
namespace {

struct ScaleMinimum {
  float scale;
  float minimum;
};

// Scale and minimum of group 0 to 7 of q4_k and q5_k: f16 scale, f16 minimum, and 12 bytes with 16
// six-bit factors. Groups 0 to 3 have theirs in the low bits of bytes 0-3 and 4-7; groups 4 to 7
// have four bits in bytes 8-11 and the upper two in the high bits of the others.
ScaleMinimum group_of_32(const std::uint8_t* block, int group) noexcept {
  const float scale = load_half(block);
  const float minimum = load_half(block + 2);
  const std::uint8_t* packed = block + 4;
  if (group < 4) {
    return {scale * static_cast<float>(packed[group] & 63),
            minimum * static_cast<float>(packed[group + 4] & 63)};
  }
  const int low = packed[group + 4];
  return {scale * static_cast<float>((low & 15) | (packed[group - 4] >> 6 << 4)),
          minimum * static_cast<float>((low >> 4) | (packed[group] >> 6 << 4))};
}

}  // namespace

// 16 bytes: scale (low nibble) and minimum (high nibble) of each group of 16; 64 bytes of 2-bit
// values; f16 scale; f16 minimum. Each half of 128 values lies in 32 bytes, bits 0-1 of all of them
// first.
void q2_k(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block + 80);
  const float minimum = load_half(block + 82);
  for (int group = 0; group < 16; ++group) {
    const float group_scale = scale * static_cast<float>(block[group] & 15);
    const float group_minimum = minimum * static_cast<float>(block[group] >> 4);
    const std::uint8_t* values = block + 16 + group / 8 * 32 + group % 2 * 16;
    const int shift = group % 8 / 2 * 2;
    for (int i = 0; i < 16; ++i) {
      out[group * 16 + i] =
          group_scale * static_cast<float>((values[i] >> shift) & 3) - group_minimum;
    }
  }
}

// 32 bytes with the third bits, one bit of each byte a run of 32 values; 64 bytes of 2-bit values
// as in q2_k; 12 bytes with 16 six-bit scales (bytes 0-7: four low bits, bytes 8-11: two high
// bits); f16 scale. A third bit that is not set takes 4 away.
void q3_k(const std::uint8_t* block, float* out) noexcept {
  const std::uint8_t* scales = block + 96;
  const float scale = load_half(block + 108);
  for (int group = 0; group < 16; ++group) {
    const int low = group < 8 ? scales[group] & 15 : scales[group - 8] >> 4;
    const int high = (scales[8 + group % 4] >> (group / 4 * 2)) & 3;
    const float group_scale = scale * static_cast<float>((low | (high << 4)) - 32);
    const std::uint8_t* values = block + 32 + group / 8 * 32 + group % 2 * 16;
    const std::uint8_t* third_bits = block + group % 2 * 16;
    const int shift = group % 8 / 2 * 2;
    for (int i = 0; i < 16; ++i) {
      const int third_bit = (third_bits[i] >> (group / 2)) & 1;
      out[group * 16 + i] =
          group_scale * static_cast<float>(((values[i] >> shift) & 3) + third_bit * 4 - 4);
    }
  }
}

// The head of group_of_32; 128 bytes, of which each run of 32 has one group in its low nibbles, the
// next in its high.
void q4_k(const std::uint8_t* block, float* out) noexcept {
  for (int group = 0; group < 8; ++group) {
    const auto [scale, minimum] = group_of_32(block, group);
    const std::uint8_t* values = block + 16 + group / 2 * 32;
    const int shift = group % 2 * 4;
    for (int i = 0; i < 32; ++i) {
      out[group * 32 + i] = scale * static_cast<float>((values[i] >> shift) & 15) - minimum;
    }
  }
}

// The head of group_of_32; 32 bytes with the fifth bits, bit g of each for group g; 128 bytes of
// nibbles as in q4_k.
void q5_k(const std::uint8_t* block, float* out) noexcept {
  for (int group = 0; group < 8; ++group) {
    const auto [scale, minimum] = group_of_32(block, group);
    const std::uint8_t* fifth_bits = block + 16;
    const std::uint8_t* values = block + 48 + group / 2 * 32;
    const int shift = group % 2 * 4;
    for (int i = 0; i < 32; ++i) {
      const int fifth_bit = (fifth_bits[i] >> group) & 1;
      out[group * 32 + i] =
          scale * static_cast<float>(((values[i] >> shift) & 15) | (fifth_bit << 4)) - minimum;
    }
  }
}

// 128 bytes with the low four bits, 64 bytes with the high two, 16 signed scales, f16 scale. Each
// half of 128 values is four runs of 32: runs 0 and 1 in the low nibbles of 64 bytes, runs 2 and 3
// in the high; bits 2r of 32 bytes for run r.
void q6_k(const std::uint8_t* block, float* out) noexcept {
  const float scale = load_half(block + 208);
  for (int group = 0; group < 16; ++group) {
    const int half = group / 8;
    const int run = group % 8 / 2;
    const int start = group % 2 * 16;
    const float group_scale =
        scale * static_cast<float>(static_cast<std::int8_t>(block[192 + group]));
    const std::uint8_t* low = block + half * 64 + run % 2 * 32 + start;
    const std::uint8_t* high = block + 128 + half * 32 + start;
    for (int i = 0; i < 16; ++i) {
      const int value = ((low[i] >> (run / 2 * 4)) & 15) | (((high[i] >> (run * 2)) & 3) << 4);
      out[group * 16 + i] = group_scale * static_cast<float>(value - 32);
    }
  }
}

}  // namespace loquor::detail
