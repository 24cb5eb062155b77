// Reading safetensors: what real files hold, and what is refused.
#include "io/safetensors.h"

#include <doctest/doctest.h>

#include "base/temporary_folder.h"
#include "data.h"
#include "io/failure.h"
#include "io/safetensors_writer.h"

namespace loquor {
namespace {

using tests::check_failure;
using tests::failure_of;
using tests::safetensors_file;
using tests::SafetensorsWriter;

Checkpoint read_checkpoint(std::string bytes) {
  return read_safetensors(Bytes::own(std::move(bytes)), "m.safetensors");
}

TEST_CASE("tensors have the type, shape and values that the header gives them, in its order") {
  const Checkpoint checkpoint =
      read_checkpoint(SafetensorsWriter()
                          .metadata("format", "pt")
                          .add("b", {2, 3}, {1, 2, 3, 4, 5, 6})
                          .add("a", "BF16", {2}, std::string("\x80\x3f\x00\xc0", 4))
                          .add("scalar", "I64", {}, std::string("\x07\0\0\0\0\0\0\0", 8))
                          .bytes());
  REQUIRE(checkpoint.size() == 3);
  CHECK(checkpoint.format() == "safetensors");
  CHECK(checkpoint.begin()->name == "b");
  const StoredTensor& b = checkpoint.at("b");
  CHECK(b.type == StoredType::f32);
  CHECK(b.shape == std::vector<std::int64_t>{2, 3});
  CHECK(b.file == "m.safetensors");
  CHECK(to_floats(b) == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(to_floats(checkpoint.at("a")) == std::vector<float>{1, -2});
  CHECK(to_floats(checkpoint.at("scalar")) == std::vector<float>{7});
  CHECK(checkpoint.find("c") == nullptr);
  check_failure(failure_of([&] { checkpoint.at("c"); }), Code::invalid_file, "'c'");
}

TEST_CASE("every dtype of the format that we convert is read") {
  const std::pair<const char*, std::size_t> types[] = {
      {"BOOL", 1}, {"U8", 1},      {"I8", 1},      {"U16", 2}, {"I16", 2},
      {"U32", 4},  {"I32", 4},     {"U64", 8},     {"I64", 8}, {"F16", 2},
      {"BF16", 2}, {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"F32", 4}, {"F64", 8}};
  for (const auto& type : types) {
    CAPTURE(type.first);
    const std::string bytes(3 * type.second, '\0');
    const Checkpoint checkpoint =
        read_checkpoint(SafetensorsWriter().add("x", type.first, {3}, bytes).bytes());
    CHECK(name(checkpoint.at("x").type) == type.first);
    CHECK(to_floats(checkpoint.at("x")) == std::vector<float>(3));
  }
}

TEST_CASE(
    "real files' habits are accepted: trailing bytes, trailing spaces, holes, odd alignment, empty "
    "tensors") {
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[3,7]},)"
                             R"("empty":{"dtype":"F32","shape":[0,5],"data_offsets":[5,5]}}   )";
  std::string data(3, 'x');
  tests::append_binary(data, 1.5f);
  const Checkpoint checkpoint = read_checkpoint(safetensors_file(header, data + "trailing"));
  CHECK(to_floats(checkpoint.at("a")) == std::vector<float>{1.5f});
  CHECK(checkpoint.at("empty").rows() == 0);
  CHECK(to_floats(checkpoint.at("empty")).empty());
  CHECK(read_checkpoint(safetensors_file("{}")).size() == 0);
}

TEST_CASE("a malformed header is refused with what is wrong in it") {
  struct Case {
    const char* header;
    const char* expected;
  };
  const Case cases[] = {
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "takes 8 bytes as F32 (2)"},
      {R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,4]}})", "takes 0 bytes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}})", "[12, 20]"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "[8, 0]"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})", "[-8, 0]"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}})", "column"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}})",
       "9223372036854775807"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", "two data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}})", "more than 2"},
      {R"({"a":{"dtype":"F32","shape":[2]}})", "needs a dtype"},
      {R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "'dtype'"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":1}})", "'extra'"},
      {R"({"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}})", "string"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "(-2)"},
      {R"({"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}})", "(-1, -2)"},
      {R"({"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})", "column"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}})", "more than 8"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
       "overflows"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", "overflows"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}})",
       "overflows"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}})",
       "'b' begins at byte 3, inside tensor 'a', which ends at byte 4"},
      {R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
       "tensor 'a'"},
      {R"({"":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", "0 bytes"},
      {R"({"a":[]})", "'a'"},
      {R"({"__metadata__":{"format":1}})", "__metadata__"},
      {R"({"__metadata__":{},"__metadata__":{}})", "__metadata__"},
      {R"([])", "m.safetensors"},
      {R"({"a":)", "m.safetensors"},
      {R"({} x)", "m.safetensors"},
      {"", "m.safetensors"},
  };
  for (const Case& test : cases) {
    CAPTURE(test.header);
    check_failure(failure_of([&] { read_checkpoint(safetensors_file(test.header, "12345678")); }),
                  Code::invalid_file, "'m.safetensors': ", test.expected);
  }
}

TEST_CASE("an unknown dtype is unsupported and named") {
  const std::string file =
      safetensors_file(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", "x");
  check_failure(failure_of([&] { read_checkpoint(file); }), Code::unsupported, "tensor 'a'",
                "'F4'");
}

TEST_CASE("a header length beyond the file or the cap is refused before anything is read") {
  const auto with_length = [](std::uint64_t length, std::size_t rest) {
    std::string out;
    tests::append_binary(out, length);
    return out + std::string(rest, ' ');
  };
  for (const std::uint64_t length :
       {std::uint64_t{17}, std::uint64_t{1} << 61, ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    check_failure(failure_of([&] { read_checkpoint(with_length(length, 16)); }), Code::invalid_file,
                  std::to_string(length), "16");
  }
  const std::string large = with_length(100'000'001, 100'000'001);
  const Bytes borrowed = Bytes::borrow(std::as_bytes(std::span(large)));
  check_failure(failure_of([&] { read_safetensors(borrowed, "m"); }), Code::invalid_file,
                "100000001", "100000000");
}

TEST_CASE("a file cut at any byte is refused") {
  const std::string file =
      SafetensorsWriter().metadata("k", "v").add("a", {2}, {1, 2}).add("b", {1}, {3}).bytes();
  CHECK(read_checkpoint(file).size() == 2);
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    check_failure(failure_of([&] { read_checkpoint(file.substr(0, size)); }), Code::invalid_file,
                  "'m.safetensors'");
  }
}

TEST_CASE("a file is read from its path, and a missing one is not found") {
  const tests::TemporaryFolder folder;
  const auto path = folder.write("x.safetensors", SafetensorsWriter().add("a", {1}, {4}).bytes());
  CHECK(to_floats(read_safetensors(path).at("a")) == std::vector<float>{4});
  CHECK(read_safetensors(path).at("a").file == path.string());
  check_failure(failure_of([&] { read_safetensors(folder.path() / "y.safetensors"); }),
                Code::not_found, "y.safetensors");
  check_failure(failure_of([&] { read_safetensors(folder.write("e.safetensors", "")); }),
                Code::invalid_file, "0 bytes");
}

TEST_CASE("files that the safetensors package wrote are read") {
  const Checkpoint llama = read_safetensors(tests::golden("llama/model.safetensors"));
  CHECK(llama.size() == 21);
  CHECK(llama.at("lm_head.weight").shape == std::vector<std::int64_t>{79, 32});
  CHECK(read_safetensors(tests::golden("llama_bf16/model.safetensors")).at("lm_head.weight").type ==
        StoredType::bf16);
}

TEST_CASE("an index opens every shard beside it") {
  const Checkpoint checkpoint =
      read_safetensors(tests::golden("llama_sharded/model.safetensors.index.json"));
  CHECK(checkpoint.size() == 20);
  CHECK(checkpoint.at("model.embed_tokens.weight").file == "model-00001-of-00002.safetensors");
  CHECK(checkpoint.at("model.norm.weight").file == "model-00002-of-00002.safetensors");
}

// An index whose shards are one.safetensors with tensor a, two.safetensors with tensor b, ...
Checkpoint read_index(std::string_view json) {
  return read_safetensors_index(json, "index.json", [](const std::string& shard) {
    if (shard == "one.safetensors")
      return Bytes::own(SafetensorsWriter().add("a", {1}, {1}).bytes());
    if (shard == "two.safetensors")
      return Bytes::own(SafetensorsWriter().add("b", {1}, {2}).bytes());
    if (shard == "both.safetensors") {
      return Bytes::own(SafetensorsWriter().add("a", {1}, {1}).add("z", {1}, {4}).bytes());
    }
    if (shard == "again.safetensors")
      return Bytes::own(SafetensorsWriter().add("a", {1}, {3}).bytes());
    throw Error(Code::not_found, "no file " + shard);
  });
}

TEST_CASE("an index from memory takes its shards from the caller") {
  const Checkpoint checkpoint = read_index(
      R"({"metadata":{"total_size":8},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}})");
  CHECK(to_floats(checkpoint.at("a")) == std::vector<float>{1});
  CHECK(to_floats(checkpoint.at("b")) == std::vector<float>{2});
}

TEST_CASE("an index that disagrees with its shards is refused") {
  struct Case {
    const char* map;
    Code code;
    const char* expected;
  };
  const Case cases[] = {
      {R"({"a":"one.safetensors","b":"one.safetensors"})", Code::invalid_file,
       "puts tensor 'b' into 'one.safetensors'"},
      {R"({"0":"one.safetensors","a":"one.safetensors"})", Code::invalid_file,
       "puts tensor '0' into 'one.safetensors'"},
      {R"({"a":"one.safetensors","a":"one.safetensors"})", Code::invalid_file, "puts tensor 'a'"},
      {R"({"b":"one.safetensors"})", Code::invalid_file, "'one.safetensors' holds tensor 'a'"},
      {R"({"a":"both.safetensors"})", Code::invalid_file, "'both.safetensors' holds tensor 'z'"},
      {R"({"a":"three.safetensors"})", Code::not_found, "three.safetensors"},
      {R"({"a":"../one.safetensors"})", Code::invalid_file, "'../one.safetensors'"},
      {R"({"a":"/etc/one.safetensors"})", Code::invalid_file, "same folder"},
      {R"({"a":"x\\one.safetensors"})", Code::invalid_file, "same folder"},
      {R"({"a":"C:one.safetensors"})", Code::invalid_file, "same folder"},
      {R"({"a":"one\u0000.safetensors"})", Code::invalid_file, "same folder"},
      {R"({"a":".safetensors"})", Code::invalid_file, "same folder"},
      {R"({"a":"pytorch_model.bin"})", Code::invalid_file, "pytorch_model.bin"},
      {R"({"a":""})", Code::invalid_file, "same folder"},
      {R"({"a":1})", Code::invalid_file, "index.json"},
      {R"({})", Code::invalid_file, "weight_map"},
      {R"({"a":"one.safetensors","b":"two.safetensors"},"weight_map":{"c":"one.safetensors"})",
       Code::invalid_file, "weight_map is there twice"},
  };
  for (const Case& test : cases) {
    CAPTURE(test.map);
    check_failure(
        failure_of([&] { read_index(std::string(R"({"weight_map":)") + test.map + "}"); }),
        test.code, "'index.json': ", test.expected);
  }
  check_failure(failure_of([] { read_index(R"({"metadata":{}})"); }), Code::invalid_file,
                "weight_map");
}

TEST_CASE("a tensor that two shards hold is refused, naming both") {
  check_failure(failure_of([] {
                  read_index(R"({"weight_map":{"a":"again.safetensors","b":"one.safetensors"}})");
                }),
                Code::invalid_file, "again.safetensors", "one.safetensors");
}

}  // namespace
}  // namespace loquor
