// Typed access to GGUF metadata.
#include <doctest/doctest.h>

#include <limits>

#include "io/failure.h"
#include "io/gguf.h"
#include "io/gguf_writer.h"

namespace loquor {
namespace {

using tests::check_failure;
using tests::failure_of;
using tests::GgufWriter;

GgufFile read_metadata(const GgufWriter& writer) {
  return read_gguf(Bytes::own(writer.bytes()), "m.gguf");
}

TEST_CASE("integers of every width and sign come back exactly") {
  const GgufFile file = read_metadata(GgufWriter()
                                          .add("u8", std::uint8_t{255})
                                          .add("i8", std::int8_t{-128})
                                          .add("u16", std::uint16_t{65535})
                                          .add("i16", std::int16_t{-32768})
                                          .add("u32", std::uint32_t{4294967295u})
                                          .add("i32", std::numeric_limits<std::int32_t>::min())
                                          .add("u64", std::uint64_t{1} << 62)
                                          .add("i64", std::numeric_limits<std::int64_t>::min())
                                          .add("large", std::uint64_t{1} << 63));
  const GgufMetadata& metadata = file.metadata;
  CHECK(metadata.integer("u8") == 255);
  CHECK(metadata.integer("i8") == -128);
  CHECK(metadata.integer("u16") == 65535);
  CHECK(metadata.integer("i16") == -32768);
  CHECK(metadata.integer("u32") == 4294967295);
  CHECK(metadata.integer("i32") == -2147483648LL);
  CHECK(metadata.integer("u64") == std::int64_t{1} << 62);
  CHECK(metadata.integer("i64") == std::numeric_limits<std::int64_t>::min());
  CHECK(metadata.number("i8") == -128.0);
  check_failure(failure_of([&] { metadata.integer("large"); }), Code::invalid_file, "'large'",
                "u64 9223372036854775808", "an integer");
}

TEST_CASE("numbers, bools, strings and arrays come back as they were written") {
  const GgufFile file = read_metadata(GgufWriter()
                                          .add("f32", 0.1f)
                                          .add("f64", 1e-300)
                                          .add("yes", true)
                                          .add("no", false)
                                          .add("text", std::string("a\0b", 3))
                                          .add("strings", std::vector<std::string>{"", "x", "\xff"})
                                          .add("i16s", std::vector<std::int16_t>{-1, 2})
                                          .add("f32s", std::vector<float>{0.5f, -2})
                                          .add("bools", std::vector<bool>{true, false, true})
                                          .add("none", std::vector<float>{}));
  const GgufMetadata& metadata = file.metadata;
  CHECK(metadata.number("f32") == 0.1f);
  CHECK(metadata.number("f64") == 1e-300);
  CHECK(metadata.boolean("yes"));
  CHECK_FALSE(metadata.boolean("no"));
  CHECK(metadata.string("text") == std::string_view("a\0b", 3));
  const auto strings = metadata.strings("strings");
  CHECK(std::vector<std::string>(strings.begin(), strings.end()) ==
        std::vector<std::string>{"", "x", "\xff"});
  CHECK(metadata.integers("i16s") == std::vector<std::int64_t>{-1, 2});
  CHECK(metadata.numbers("i16s") == std::vector<float>{-1, 2});
  CHECK(metadata.numbers("f32s") == std::vector<float>{0.5f, -2});
  CHECK(metadata.booleans("bools") == std::vector<bool>{true, false, true});
  CHECK(metadata.numbers("none").empty());
  CHECK(metadata.is_array("none"));
  CHECK_FALSE(metadata.is_array("f32"));
  CHECK_FALSE(metadata.is_array("absent"));
}

TEST_CASE("a value of another kind is refused with the key, what it is and what was expected") {
  const GgufFile file = read_metadata(GgufWriter()
                                          .add("text", "five")
                                          .add("count", 5u)
                                          .add("half", 0.5f)
                                          .add("flag", true)
                                          .add("names", std::vector<std::string>{"a"})
                                          .add("sizes", std::vector<std::uint32_t>{1, 2}));
  const GgufMetadata& metadata = file.metadata;
  const auto failure = [&](auto call) { return failure_of([&] { call(metadata); }); };
  check_failure(failure([](auto& m) { m.integer("text"); }), Code::invalid_file,
                "'text' is the string 'five', expected an integer");
  check_failure(failure([](auto& m) { m.integer("half"); }), Code::invalid_file,
                "'half' is f32 0.5, expected an integer");
  check_failure(failure([](auto& m) { m.integer("flag"); }), Code::invalid_file,
                "'flag' is true, expected an integer");
  check_failure(failure([](auto& m) { m.number("names"); }), Code::invalid_file,
                "'names' is an array of 1 x string");
  check_failure(failure([](auto& m) { m.boolean("count"); }), Code::invalid_file,
                "'count' is u32 5, expected a bool");
  check_failure(failure([](auto& m) { m.string("count"); }), Code::invalid_file,
                "expected a string");
  check_failure(failure([](auto& m) { m.strings("sizes"); }), Code::invalid_file,
                "an array of 2 x u32, expected an array of strings");
  check_failure(failure([](auto& m) { m.strings("text"); }), Code::invalid_file,
                "expected an array of strings");
  check_failure(failure([](auto& m) { m.integers("names"); }), Code::invalid_file,
                "expected an array of integers");
  check_failure(failure([](auto& m) { m.numbers("names"); }), Code::invalid_file,
                "expected an array of numbers");
  check_failure(failure([](auto& m) { m.booleans("sizes"); }), Code::invalid_file,
                "expected an array of bools");
  check_failure(failure([](auto& m) { m.integer("absent"); }), Code::invalid_file,
                "no metadata key 'absent'");
}

TEST_CASE("a fallback stands in for an absent key, not for one of another kind") {
  const GgufFile file = read_metadata(GgufWriter().add("text", "five").add("count", 5u));
  CHECK(file.metadata.integer("absent", 7) == 7);
  CHECK(file.metadata.number("absent", 0.5) == 0.5);
  CHECK(file.metadata.boolean("absent", true));
  CHECK(file.metadata.string("absent", "x") == "x");
  CHECK(file.metadata.integer("count", 7) == 5);
  CHECK(failure_of([&] { file.metadata.integer("text", 7); }).code == Code::invalid_file);
}

TEST_CASE("keys that nobody read are listed by prefix in the order of the file") {
  const GgufFile file = read_metadata(GgufWriter()
                                          .add("llama.z", 1u)
                                          .add("general.name", "x")
                                          .add("llama.a", 2u)
                                          .add("llama.b", 3u)
                                          .add("llama.c", 4u));
  const GgufMetadata& metadata = file.metadata;
  using Keys = std::vector<std::string_view>;
  CHECK(metadata.keys() == Keys{"llama.z", "general.name", "llama.a", "llama.b", "llama.c"});
  CHECK(metadata.has("llama.b"));
  metadata.integer("llama.a");
  metadata.ignore("llama.c");
  metadata.ignore("llama.absent");
  CHECK(metadata.unread("llama.") == Keys{"llama.z", "llama.b"});
  CHECK(metadata.unread("general.") == Keys{"general.name"});
}

}  // namespace
}  // namespace loquor
