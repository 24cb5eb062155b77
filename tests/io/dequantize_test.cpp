// Conversion of stored values to f32 and bf16, against gguf-py (golden/make_gguf_blocks.py) and by
// definition.
#include "io/dequantize.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "data.h"
#include "io/binary.h"
#include "io/failure.h"
#include "io/safetensors.h"

namespace loquor {
namespace {

using tests::check_failure;
using tests::failure_of;

StoredTensor tensor(StoredType type, std::vector<std::int64_t> shape, std::string bytes) {
  return {"x", type, std::move(shape), Bytes::own(std::move(bytes)), "file"};
}

// Equal to the bit, except that any NaN equals any other.
bool same(float a, float b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

TEST_CASE("GGUF blocks convert to the values of gguf-py, bit for bit") {
  using enum StoredType;
  const Checkpoint golden = read_safetensors(tests::golden("gguf_blocks/blocks.safetensors"));
  for (const StoredType type :
       {f16, bf16, q4_0, q4_1, q5_0, q5_1, q8_0, q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl}) {
    const std::string kind(name(type));
    CAPTURE(kind);
    const std::vector<float> expected = to_floats(golden.at(kind + ".values"));
    const auto count = static_cast<std::int64_t>(expected.size());
    StoredTensor blocks = golden.at(kind + ".raw");
    REQUIRE(stored_bytes(type, std::vector<std::int64_t>{count}) ==
            static_cast<std::int64_t>(blocks.bytes.size()));
    blocks.type = type;
    blocks.shape = {count / block_values(type), block_values(type)};
    const std::vector<float> values = to_floats(blocks);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(i);
      CHECK(same(values[i], expected[i]));
    }
  }
}

// IEEE 754-2019 section 3.4: the value of a half, by its definition.
float half_by_definition(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  double value =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  if (exponent == 31) {
    value = mantissa ? std::numeric_limits<double>::quiet_NaN()
                     : std::numeric_limits<double>::infinity();
  }
  return static_cast<float>(half & 0x8000 ? -value : value);
}

TEST_CASE("all 65536 halves convert exactly") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (!same(detail::half_to_float(half), half_by_definition(half))) FAIL_CHECK("half ", bits);
  }
}

// https://arxiv.org/abs/2209.05433, table 1.
TEST_CASE("8-bit floats convert to the values of their definition") {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  const std::vector<float> e4m3 = to_floats(tensor(StoredType::f8_e4m3, {256}, all));
  const std::vector<float> e5m2 = to_floats(tensor(StoredType::f8_e5m2, {256}, all));
  for (std::size_t i = 0; i < 128; ++i) {
    CAPTURE(i);
    const int code = static_cast<int>(i);
    const double first = code < 8 ? std::ldexp(code, -9) : std::ldexp(8 + code % 8, code / 8 - 10);
    if (code == 127) {
      CHECK(std::isnan(e4m3[i]));
      CHECK(std::isnan(e4m3[i + 128]));
    } else {
      CHECK(same(e4m3[i], static_cast<float>(first)));
      CHECK(same(e4m3[i + 128], static_cast<float>(-first)));
    }
    const double second =
        code < 4 ? std::ldexp(code, -16) : std::ldexp(4 + code % 4, code / 4 - 17);
    if (code < 124) {
      CHECK(same(e5m2[i], static_cast<float>(second)));
      CHECK(same(e5m2[i + 128], static_cast<float>(-second)));
    } else {
      CHECK(std::isinf(e5m2[i]) == (code == 124));
      CHECK(std::isnan(e5m2[i]) == (code != 124));
    }
  }
  CHECK(e4m3[0x7e] == 448.0f);
  CHECK(e5m2[0x7b] == 57344.0f);
}

template <class T>
std::vector<float> converted(StoredType type, const std::vector<T>& values) {
  return to_floats(tensor(type, {static_cast<std::int64_t>(values.size())}, tests::binary(values)));
}

TEST_CASE("plain numbers convert to the nearest float") {
  using Floats = std::vector<float>;
  CHECK(converted(StoredType::f32, Floats{0.1f, -3}) == Floats{0.1f, -3});
  CHECK(converted(StoredType::f64, std::vector<double>{0.1, 1e300}) ==
        Floats{0.1f, std::numeric_limits<float>::infinity()});
  CHECK(converted(StoredType::i64, std::vector<std::int64_t>{-5, (1LL << 53) + 1}) ==
        Floats{-5, 0x1p53f});
  CHECK(converted(StoredType::u64, std::vector<std::uint64_t>{1ULL << 63}) == Floats{0x1p63f});
  CHECK(converted(StoredType::i32, std::vector<std::int32_t>{-70000}) == Floats{-70000});
  CHECK(converted(StoredType::u32, std::vector<std::uint32_t>{4294967295u}) == Floats{0x1p32f});
  CHECK(converted(StoredType::i16, std::vector<std::int16_t>{-300}) == Floats{-300});
  CHECK(converted(StoredType::u16, std::vector<std::uint16_t>{65535}) == Floats{65535});
  CHECK(converted(StoredType::i8, std::vector<std::int8_t>{-128}) == Floats{-128});
  CHECK(converted(StoredType::u8, std::vector<std::uint8_t>{200}) == Floats{200});
  CHECK(converted(StoredType::boolean, std::vector<std::uint8_t>{0, 1}) == Floats{0, 1});
}

TEST_CASE("rows convert on their own, as f32 and as bf16") {
  const Checkpoint golden = read_safetensors(tests::golden("gguf_blocks/blocks.safetensors"));
  StoredTensor blocks = golden.at("Q4_1.raw");
  blocks.type = StoredType::q4_1;
  blocks.shape = {11, 32};
  const std::vector<float> all = to_floats(blocks);
  std::vector<float> rows(3 * 32);
  convert_rows(blocks, 5, 3, rows.data());
  CHECK(rows == std::vector<float>(all.begin() + 5 * 32, all.begin() + 8 * 32));

  std::vector<std::uint16_t> halves(11 * 32);
  convert_rows(blocks, 0, 11, halves.data());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const float back = std::bit_cast<float>(std::uint32_t{halves[i]} << 16);
    CHECK(std::abs(back - all[i]) <= std::abs(all[i]) * 0x1p-8f);
  }
}

TEST_CASE("bf16 rounds to nearest even and keeps infinities, NaN and bf16 itself") {
  const auto round = [](float value) {
    std::uint16_t out = 0;
    convert_rows(tensor(StoredType::f32, {1}, tests::binary(std::vector<float>{value})), 0, 1,
                 &out);
    return out;
  };
  CHECK(round(1.0f) == 0x3f80);
  CHECK(round(std::bit_cast<float>(0x3f808000u)) == 0x3f80);  // a tie goes to even
  CHECK(round(std::bit_cast<float>(0x3f818000u)) == 0x3f82);
  CHECK(round(std::bit_cast<float>(0x3f808001u)) == 0x3f81);
  CHECK(round(std::numeric_limits<float>::max()) == 0x7f80);
  CHECK(round(-std::numeric_limits<float>::infinity()) == 0xff80);
  CHECK(std::isnan(
      std::bit_cast<float>(std::uint32_t{round(std::bit_cast<float>(0x7f800001u))} << 16)));
  std::uint16_t kept[2];
  const std::vector<std::uint16_t> stored{0x1234, 0x7f81};
  convert_rows(tensor(StoredType::bf16, {1, 2}, tests::binary(stored)), 0, 1, kept);
  CHECK(kept[0] == 0x1234);
  CHECK(kept[1] == 0x7f81);
}

TEST_CASE("rows that do not exist are refused, and none are no work") {
  const StoredTensor x = tensor(StoredType::f32, {2, 1}, std::string(8, '\0'));
  float out[2];
  convert_rows(x, 2, 0, out);
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  struct Range {
    std::int64_t first;
    std::int64_t rows;
  };
  for (const Range range :
       {Range{0, 3}, Range{2, 1}, Range{-1, 1}, Range{0, -1}, Range{kLargest, kLargest}}) {
    CAPTURE(range.first);
    CAPTURE(range.rows);
    check_failure(failure_of([&] { convert_rows(x, range.first, range.rows, out); }),
                  Code::internal, "'x' has 2 rows");
  }
}

}  // namespace
}  // namespace loquor
