// F8_E4M3 with a scale for each 128 x 128 values, as DeepSeek publishes its models.
#include <doctest/doctest.h>

#include <set>

#include "golden_copy.h"
#include "io/binary.h"
#include "io/failure.h"
#include "nn/weight_part.h"

namespace loquor {
namespace {

using tests::Copy;

// Every byte but the two that are no numbers.
std::string random_bytes(std::int64_t count, std::uint32_t seed) {
  std::string bytes;
  for (std::int64_t i = 0; i < count; ++i) {
    seed = seed * 1664525 + 1013904223;
    const auto byte = static_cast<unsigned char>(seed >> 24);
    bytes.push_back(static_cast<char>((byte & 0x7f) == 0x7f ? 0 : byte));
  }
  return bytes;
}

TEST_CASE("each block of 128 x 128 values has its own scale") {
  const std::int64_t rows = 130, columns = 257;
  tests::SafetensorsWriter writer;
  writer.add("w", "F8_E4M3", {rows, columns}, random_bytes(rows * columns, 1));
  writer.add("w_scale_inv", {2, 3}, {0.5F, 2, 3, 0.25F, 7, 11});
  const tests::TemporaryFolder folder;
  folder.write("model.safetensors", writer.bytes());
  const Checkpoint stored = read_safetensors(folder.path() / "model.safetensors");
  const WeightPart part = weight_part(stored, stored.at("w"), {});
  std::vector<float> found(static_cast<std::size_t>(2 * columns));
  part.read(127, 2, found.data());  // on both sides of a border
  const std::vector<float> plain = to_floats(stored.at("w"));
  const std::vector<float> scales = to_floats(stored.at("w_scale_inv"));
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const float scale = scales[static_cast<std::size_t>(3 * i + j / 128)];
      CHECK(found[static_cast<std::size_t>(i * columns + j)] ==
            scale * plain[static_cast<std::size_t>((127 + i) * columns + j)]);
    }
  }
}

TEST_CASE("a DeepSeek model in F8 gives what its dequantised weights give") {
  const Copy quantised("deepseek_v3"), plain("deepseek_v3");
  tests::SafetensorsWriter small, wide;
  std::uint32_t seed = 0;
  for (const StoredTensor& tensor : plain.stored()) {
    const bool matrix = tensor.shape.size() == 2 && !tensor.name.ends_with("mlp.gate.weight") &&
                        !tensor.name.ends_with("embed_tokens.weight");
    if (!matrix) {
      small.add(tensor.name, tensor.shape, to_floats(tensor));
      wide.add(tensor.name, tensor.shape, to_floats(tensor));
      continue;
    }
    const float scale = 0.002F;
    const std::string bytes = random_bytes(tensor.rows() * tensor.row_length(), ++seed);
    small.add(tensor.name, "F8_E4M3", tensor.shape, bytes);
    small.add(tensor.name + "_scale_inv", {1, 1}, {scale});
    StoredTensor eights = tensor;
    eights.type = StoredType::f8_e4m3;
    eights.bytes = Bytes::borrow(std::as_bytes(std::span(bytes)));
    std::vector<float> values = to_floats(eights);
    for (float& value : values) value *= scale;
    wide.add(tensor.name, tensor.shape, values);
  }
  quantised.write("model.safetensors", small.bytes());
  plain.write("model.safetensors", wide.bytes());
  Json fp8 = Json::object();
  fp8["quant_method"] = "fp8";
  fp8["fmt"] = "e4m3";
  fp8["weight_block_size"] = Json::Array{128, 128};
  quantised.config([&](Json& config) { config["quantization_config"] = fp8; });
  const std::vector<std::int32_t> ids = {5, 60, 3, 3, 17, 42, 9};
  const ModelOptions exact{.compute_type = "f32"};
  CHECK(Model(quantised.path(), exact).logits(ids).values ==
        Model(plain.path(), exact).logits(ids).values);

  fp8["weight_block_size"] = Json::Array{64, 64};
  quantised.config([&](Json& config) { config["quantization_config"] = fp8; });
  tests::check_failure(tests::failure_of([&] { quantised.open(); }), Code::unsupported, "fp8");
}

TEST_CASE("F8 weights without scales, or with scales of another shape, are refused by name") {
  const auto refuse = [](const std::vector<std::int64_t>& scales, Code code, const char* part) {
    tests::SafetensorsWriter writer;
    writer.add("w", "F8_E4M3", {130, 2}, random_bytes(260, 1));
    if (!scales.empty())
      writer.add("w_scale_inv", scales,
                 std::vector<float>(static_cast<std::size_t>(scales[0] * scales[1])));
    const tests::TemporaryFolder folder;
    folder.write("model.safetensors", writer.bytes());
    const Checkpoint stored = read_safetensors(folder.path() / "model.safetensors");
    tests::check_failure(tests::failure_of([&] { weight_part(stored, stored.at("w"), {}); }), code,
                         "'w_scale_inv'", part);
  };
  refuse({}, Code::unsupported, "missing");
  refuse({1, 1}, Code::invalid_file, "(2, 1)");
}

}  // namespace
}  // namespace loquor
