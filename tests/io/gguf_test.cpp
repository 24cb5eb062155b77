// Reading GGUF: metadata and tensors of good files, and what is refused.
#include "io/gguf.h"

#include <doctest/doctest.h>

#include "base/temporary_folder.h"
#include "data.h"
#include "io/failure.h"
#include "io/gguf_writer.h"
#include "io/safetensors.h"

namespace loquor {
namespace {

using tests::check_failure;
using tests::failure_of;
using tests::GgufWriter;

GgufFile read(std::string bytes) { return read_gguf(Bytes::own(std::move(bytes)), "m.gguf"); }

GgufWriter small_model() {
  GgufWriter writer;
  writer.add("general.architecture", "llama").add("llama.block_count", std::uint32_t{2});
  writer.add("tokenizer.ggml.tokens", std::vector<std::string>{"<s>", "a"});
  writer.tensor("a", {2, 3}, {1, 2, 3, 4, 5, 6}).tensor("b", {1}, {7});
  return writer;
}

TEST_CASE("tensors have their row-major shape and values, in the order of the file") {
  for (const std::uint32_t version : {2u, 3u}) {
    GgufWriter writer = small_model();
    writer.version = version;
    const GgufFile file = read(writer.bytes());
    CHECK(file.version == version);
    REQUIRE(file.tensors.size() == 2);
    const StoredTensor& a = file.tensors.at("a");
    CHECK(&a == &*file.tensors.begin());
    CHECK(a.shape == std::vector<std::int64_t>{2, 3});
    CHECK(a.file == "m.gguf");
    CHECK(to_floats(a) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(to_floats(file.tensors.at("b")) == std::vector<float>{7});
  }
}

TEST_CASE("an alignment other than 32, trailing bytes and a scalar are read") {
  for (const std::uint32_t alignment : {8u, 64u, 65536u}) {
    GgufWriter writer;
    writer.alignment = alignment;
    writer.trailing = "trailing";
    writer.tensor("a", {3}, {1, 2, 3}).tensor("scalar", {}, {4});
    const GgufFile file = read(writer.bytes());
    CHECK(to_floats(file.tensors.at("a")) == std::vector<float>{1, 2, 3});
    CHECK(file.tensors.at("scalar").shape.empty());
    CHECK(to_floats(file.tensors.at("scalar")) == std::vector<float>{4});
  }
}

TEST_CASE("a file without tensors may end right after its metadata") {
  std::string bytes = GgufWriter().add("general.name", "x").bytes();
  while (bytes.back() == '\0') bytes.pop_back();
  CHECK(read(bytes).metadata.string("general.name") == "x");
}

struct GgmlType {
  std::uint32_t number;
  const char* name;
  std::int64_t values = 1;  // of a block
  std::size_t bytes = 1;
};

// The numbers and sizes of ggml.h and of gguf-py's GGML_QUANT_SIZES.
constexpr GgmlType kConverted[] = {
    {0, "F32", 1, 4},       {1, "F16", 1, 2},       {2, "Q4_0", 32, 18},    {3, "Q4_1", 32, 20},
    {6, "Q5_0", 32, 22},    {7, "Q5_1", 32, 24},    {8, "Q8_0", 32, 34},    {10, "Q2_K", 256, 84},
    {11, "Q3_K", 256, 110}, {12, "Q4_K", 256, 144}, {13, "Q5_K", 256, 176}, {14, "Q6_K", 256, 210},
    {20, "IQ4_NL", 32, 18}, {24, "I8", 1, 1},       {25, "I16", 1, 2},      {26, "I32", 1, 4},
    {27, "I64", 1, 8},      {28, "F64", 1, 8},      {30, "BF16", 1, 2}};
constexpr GgmlType kRefused[] = {
    {9, "Q8_1"},    {16, "IQ2_XXS"}, {23, "IQ4_XS"},          {39, "MXFP4"},
    {4, "unknown"}, {31, "unknown"}, {4000000000u, "unknown"}};

TEST_CASE("every tensor type that we convert is read, with its blocks") {
  for (const GgmlType& type : kConverted) {
    CAPTURE(type.name);
    const std::string bytes(2 * type.bytes, '\0');
    const GgufFile file =
        read(GgufWriter().tensor("x", {2, type.values}, type.number, bytes).bytes());
    const StoredTensor& tensor = file.tensors.at("x");
    CHECK(name(tensor.type) == type.name);
    CHECK(tensor.bytes.size() == bytes.size());
    CHECK(block_values(tensor.type) == type.values);
    CHECK(block_bytes(tensor.type) == static_cast<std::int64_t>(type.bytes));
    if (type.values == 1) continue;
    const std::string half =
        GgufWriter().tensor("x", {2, type.values / 2}, type.number, bytes).bytes();
    check_failure(failure_of([&] { read(half); }), Code::invalid_file, "tensor 'x'",
                  "blocks of " + std::to_string(type.values));
  }
}

TEST_CASE("a tensor type that we do not convert is unsupported and named") {
  for (const GgmlType& type : kRefused) {
    const std::string file =
        GgufWriter().tensor("x", {256}, type.number, std::string(1024, '\0')).bytes();
    check_failure(failure_of([&] { read(file); }), Code::unsupported, "tensor 'x'",
                  "ggml type " + std::to_string(type.number), type.name);
  }
}

TEST_CASE("what is no GGUF file of version 2 or 3 is refused by name") {
  std::string bytes = small_model().bytes();
  bytes[0] = 'g';
  check_failure(failure_of([&] { read(bytes); }), Code::invalid_file, "'m.gguf'", "no GGUF");
  check_failure(failure_of([&] { read(""); }), Code::invalid_file, "'m.gguf'");
  for (const std::uint32_t version : {0u, 1u, 4u}) {
    GgufWriter writer = small_model();
    writer.version = version;
    check_failure(failure_of([&] { read(writer.bytes()); }), Code::unsupported,
                  "version " + std::to_string(version));
  }
  for (const std::uint32_t version : {0x02000000u, 0x03000000u}) {
    GgufWriter writer = small_model();
    writer.version = version;
    check_failure(failure_of([&] { read(writer.bytes()); }), Code::unsupported, "big-endian");
  }
}

TEST_CASE("counts and lengths that the file cannot hold are refused before they are used") {
  for (const std::uint64_t count :
       {std::uint64_t{1000}, std::uint64_t{1} << 61, ~std::uint64_t{0}}) {
    CAPTURE(count);
    GgufWriter tensors = small_model();
    tensors.tensor_count = count;
    check_failure(failure_of([&] { read(tensors.bytes()); }), Code::invalid_file, "tensors",
                  std::to_string(count));
    GgufWriter entries = small_model();
    entries.entry_count = count;
    check_failure(failure_of([&] { read(entries.bytes()); }), Code::invalid_file, "entries",
                  std::to_string(count));
    for (const std::uint32_t element :
         {GgufWriter::kU8, GgufWriter::kU32, GgufWriter::kU64, GgufWriter::kString}) {
      const std::string file =
          GgufWriter().raw_array("k", element, count, "1234567812345678").bytes();
      check_failure(failure_of([&] { read(file); }), Code::invalid_file, "'k'",
                    std::to_string(count));
    }
  }
  for (const std::uint64_t length :
       {std::uint64_t{1} << 63, std::uint64_t{1000}, ~std::uint64_t{0}}) {
    CAPTURE(length);
    std::string payload;
    tests::append_binary(payload, length);
    const std::string scalar = GgufWriter().raw_entry("k", GgufWriter::kString, payload).bytes();
    check_failure(failure_of([&] { read(scalar); }), Code::invalid_file, "'k'",
                  std::to_string(length));
    const std::string array = GgufWriter().raw_array("k", GgufWriter::kString, 1, payload).bytes();
    check_failure(failure_of([&] { read(array); }), Code::invalid_file, "'k'",
                  std::to_string(length));
  }
}

TEST_CASE("metadata that breaks the format is refused with the key") {
  check_failure(failure_of([] { read(GgufWriter().add("", 1u).bytes()); }), Code::invalid_file,
                "key 0 has 0 bytes");
  check_failure(failure_of([] { read(GgufWriter().add(std::string(65536, 'k'), 1u).bytes()); }),
                Code::invalid_file, "65536");
  check_failure(failure_of([] { read(GgufWriter().add("k", 1u).add("k", 2u).bytes()); }),
                Code::invalid_file, "'k' is there twice");
  check_failure(failure_of([] { read(GgufWriter().raw_entry("k", 13, "12345678").bytes()); }),
                Code::invalid_file, "'k'", "type 13");
  check_failure(
      failure_of([] { read(GgufWriter().raw_entry("k", GgufWriter::kBool, "\2").bytes()); }),
      Code::invalid_file, "'k'", "bool 2");
  check_failure(
      failure_of([] { read(GgufWriter().raw_array("k", GgufWriter::kBool, 2, "\1\2").bytes()); }),
      Code::invalid_file, "'k'", "bool 2");
  check_failure(failure_of([] {
                  read(GgufWriter().raw_array("k", GgufWriter::kArray, 1, "12345678").bytes());
                }),
                Code::unsupported, "'k'", "array of arrays");
}

TEST_CASE("an alignment of the wrong type or value is refused") {
  const auto failure = [](const GgufWriter& writer) {
    return failure_of([&] { read(writer.bytes()); });
  };
  check_failure(failure(GgufWriter().add("general.alignment", "32")), Code::invalid_file,
                "general.alignment", "the string '32'", "an integer");
  check_failure(failure(GgufWriter().add("general.alignment", 32.0f)), Code::invalid_file,
                "f32 32");
  check_failure(failure(GgufWriter().add("general.alignment", std::vector<std::uint32_t>{32})),
                Code::invalid_file, "an array of 1 x u32");
  for (const std::uint32_t alignment : {0u, 1u, 4u, 24u, 131072u, 0x80000000u}) {
    check_failure(failure(GgufWriter().add("general.alignment", alignment)), Code::invalid_file,
                  "general.alignment", std::to_string(alignment), "power of two");
  }
}

TEST_CASE("tensors with impossible shapes or places are refused with their name") {
  const auto failure = [](GgufWriter writer) {
    writer.trailing.append(64, '\0');
    return failure_of([&] { read(writer.bytes()); });
  };
  const auto one = [&](const std::vector<std::uint64_t>& dimensions, std::uint64_t offset) {
    return failure(GgufWriter().raw_tensor("x", dimensions, 0, offset));
  };
  CHECK(one({16}, 0).code == Code::ok);
  check_failure(one({0}, 0), Code::invalid_file, "tensor 'x'", "dimension 0");
  check_failure(one({4, 0, 4}, 0), Code::invalid_file, "tensor 'x'", "dimension 0");
  check_failure(one({1, 1, 1, 1, 1}, 0), Code::invalid_file, "tensor 'x'", "5 dimensions");
  check_failure(one({std::uint64_t{1} << 63}, 0), Code::invalid_file, "tensor 'x'",
                "9223372036854775808");
  check_failure(one({std::uint64_t{1} << 32, std::uint64_t{1} << 32}, 0), Code::invalid_file,
                "tensor 'x'", "overflows");
  check_failure(one({(std::uint64_t{1} << 62) + 1}, 0), Code::invalid_file, "tensor 'x'",
                "overflows");
  check_failure(one({17}, 0), Code::invalid_file, "tensor 'x'", "68 bytes", "64 bytes of data");
  check_failure(one({1}, 64), Code::invalid_file, "tensor 'x'", "offset 64", "64 bytes of data");
  check_failure(one({1}, ~std::uint64_t{31}), Code::invalid_file, "tensor 'x'",
                "18446744073709551584");
  check_failure(one({1}, 4), Code::invalid_file, "tensor 'x'", "offset 4", "alignment 32");
  check_failure(failure(GgufWriter().raw_tensor("", {1}, 0, 0)), Code::invalid_file,
                "name has 0 bytes");
  check_failure(failure(GgufWriter().raw_tensor("x", {9}, 0, 0).raw_tensor("y", {1}, 0, 32)),
                Code::invalid_file,
                "tensor 'y' begins at byte 32, inside tensor 'x', which ends at byte 36");
  check_failure(failure(GgufWriter().raw_tensor("x", {1}, 0, 32).raw_tensor("y", {1}, 0, 32)),
                Code::invalid_file, "tensor 'y'", "tensor 'x'");
  check_failure(failure(GgufWriter().raw_tensor("x", {1}, 0, 0).raw_tensor("x", {1}, 0, 32)),
                Code::invalid_file, "tensor 'x'", "again");
}

TEST_CASE("a file cut at any byte before the end of its last tensor is refused") {
  std::string file = small_model().bytes();
  file.resize(file.size() - 28);  // padding after the one value of b
  CHECK(read(file).tensors.size() == 2);
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    check_failure(failure_of([&] { read(file.substr(0, size)); }), Code::invalid_file, "'m.gguf'");
  }
}

TEST_CASE("a file without tensors that is cut inside its last string is refused") {
  std::string file = GgufWriter().add("general.name", "x").bytes();
  file.resize(file.rfind('x') + 1);
  CHECK(read(file).metadata.string("general.name") == "x");
  file.pop_back();
  check_failure(failure_of([&] { read(file); }), Code::invalid_file, "'general.name'",
                "1 bytes at byte 56", "the file has 0 more");
}

TEST_CASE("a file is read from its path, and a missing one is not found") {
  const tests::TemporaryFolder folder;
  const auto path = folder.write("x.gguf", small_model().bytes());
  const GgufFile file = read_gguf(path);
  CHECK(to_floats(file.tensors.at("b")) == std::vector<float>{7});
  CHECK(file.tensors.at("b").file == path.string());
  check_failure(failure_of([&] { read_gguf(folder.path() / "y.gguf"); }), Code::not_found,
                "y.gguf");
}

TEST_CASE("files that the gguf package wrote hold the values of the same model as safetensors") {
  const GgufFile gguf = read_gguf(tests::golden("llama/llama.gguf"));
  const Checkpoint safetensors = read_safetensors(tests::golden("llama/model.safetensors"));
  CHECK(gguf.tensors.size() == safetensors.size());
  CHECK(gguf.metadata.string("general.architecture") == "llama");
  CHECK(gguf.metadata.integer("llama.embedding_length") == 32);
  const std::pair<const char*, const char*> names[] = {
      {"token_embd.weight", "model.embed_tokens.weight"},
      {"output_norm.weight", "model.norm.weight"},
      {"blk.1.ffn_down.weight", "model.layers.1.mlp.down_proj.weight"}};
  for (const auto& [in_gguf, in_safetensors] : names) {
    CHECK(gguf.tensors.at(in_gguf).shape == safetensors.at(in_safetensors).shape);
    CHECK(to_floats(gguf.tensors.at(in_gguf)) == to_floats(safetensors.at(in_safetensors)));
  }
}

TEST_CASE("published vocabularies are read") {
  const std::tuple<const char*, const char*, std::size_t> vocabularies[] = {
      {"ggml-vocab-gpt-2.gguf", "gpt2", 50257},
      {"ggml-vocab-llama-spm.gguf", "llama", 32000},
      {"ggml-vocab-bert-bge.gguf", "bert", 30522}};
  for (const auto& [name, model, size] : vocabularies) {
    const auto path = tests::shared_data(std::string("tokenizers/gguf-vocab/") + name);
    if (path.empty()) return tests::skipped("tokenizers/gguf-vocab");
    const GgufFile file = read_gguf(path);
    CHECK(file.tensors.size() == 0);
    CHECK(file.metadata.string("tokenizer.ggml.model") == model);
    CHECK(file.metadata.strings("tokenizer.ggml.tokens").size() == size);
    CHECK(file.metadata.integers("tokenizer.ggml.token_type").size() == size);
  }
}

}  // namespace
}  // namespace loquor
