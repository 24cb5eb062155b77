// GGUF models in several files.
#include <doctest/doctest.h>

#include <map>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "io/failure.h"
#include "io/gguf.h"
#include "io/gguf_writer.h"

namespace loquor {
namespace {

using tests::check_failure;
using tests::failure_of;
using tests::GgufWriter;

constexpr const char* kFirst = "m-00001-of-00003.gguf";

GgufWriter part(std::uint16_t number, std::uint16_t count = 3, std::int32_t tensors = 3) {
  GgufWriter writer;
  writer.add("split.no", number).add("split.count", count).add("split.tensors.count", tensors);
  const auto value = static_cast<float>(number);
  return writer.tensor("t" + std::to_string(number), {1}, {value});
}

// Three files with one tensor each; the first has the metadata of the model.
std::map<std::string, GgufWriter> parts() {
  return {{kFirst, part(0).add("llama.block_count", 4u)},
          {"m-00002-of-00003.gguf", part(1).add("general.name", "x")},
          {"m-00003-of-00003.gguf", part(2)}};
}

GgufFile read_parts(const std::map<std::string, GgufWriter>& files,
                    const std::string& first = kFirst) {
  const auto open = [&](const std::string& name) {
    const auto found = files.find(name);
    if (found == files.end()) fail(Code::not_found, "no file ", quoted(name));
    return Bytes::own(found->second.bytes());
  };
  return read_gguf(open(first), "folder/" + first, open);
}

TEST_CASE("the parts of a split model are read as one, in order") {
  const GgufFile file = read_parts(parts());
  REQUIRE(file.tensors.size() == 3);
  CHECK(file.metadata.integer("llama.block_count") == 4);
  float expected = 0;
  for (const StoredTensor& tensor : file.tensors)
    CHECK(to_floats(tensor) == std::vector<float>{expected++});
  CHECK(file.tensors.at("t2").file == "m-00003-of-00003.gguf");
}

TEST_CASE("the first part may hold metadata alone") {
  auto files = parts();
  GgufWriter first;
  first.add("split.no", std::uint16_t{0})
      .add("split.count", std::uint16_t{3})
      .add("split.tensors.count", 3);
  files[kFirst] = first;
  files["m-00003-of-00003.gguf"].tensor("t3", {1}, {3});
  CHECK(read_parts(files).tensors.size() == 3);
}

TEST_CASE("parts beside the first are found on disk") {
  const tests::TemporaryFolder folder;
  for (const auto& [name, writer] : parts()) folder.write(name, writer.bytes());
  CHECK(read_gguf(folder.path() / kFirst).tensors.size() == 3);
  std::filesystem::remove(folder.path() / "m-00002-of-00003.gguf");
  check_failure(failure_of([&] { read_gguf(folder.path() / kFirst); }), Code::not_found, kFirst,
                "m-00002-of-00003.gguf");
}

TEST_CASE("a file that was merged again is whole") {
  CHECK(read_parts({{"m.gguf", part(0, 0, 1)}}, "m.gguf").tensors.size() == 1);
  CHECK(read_parts({{"m.gguf", part(0, 1, 1)}}, "m.gguf").tensors.size() == 1);
}

TEST_CASE("a set that is incomplete or disagrees is refused") {
  auto files = parts();
  files.erase("m-00003-of-00003.gguf");
  check_failure(failure_of([&] { read_parts(files); }), Code::not_found, kFirst,
                "m-00003-of-00003.gguf");

  check_failure(failure_of([] { read_parts(parts(), "m-00002-of-00003.gguf"); }),
                Code::invalid_file, "part 2 of 3", "-00001-of-00003.gguf");
  check_failure(failure_of([] {
                  read_parts({{"m.gguf", part(0)}}, "m.gguf");
                }),
                Code::invalid_file, "'folder/m.gguf'", "-00001-of-00003.gguf");
  check_failure(failure_of([] { read_gguf(Bytes::own(part(0).bytes()), kFirst); }),
                Code::invalid_argument, kFirst);

  const auto with_second = [](const GgufWriter& second) {
    auto changed = parts();
    changed["m-00002-of-00003.gguf"] = second;
    return failure_of([&] { read_parts(changed); });
  };
  check_failure(with_second(part(2)), Code::invalid_file, "m-00002-of-00003.gguf", "part 2 of 3",
                "expected part 1");
  check_failure(with_second(part(1, 2)), Code::invalid_file, "part 1 of 2");
  check_failure(with_second(part(1, 3, 5)), Code::invalid_file, "with 5 tensors");
  check_failure(with_second(GgufWriter().tensor("t1", {1}, {1})), Code::invalid_file,
                "part 0 of 0");
  check_failure(with_second(part(1).add("llama.block_count", 9u)), Code::invalid_file,
                "'llama.block_count'");
  check_failure(with_second(part(1).tensor("t0", {1}, {1})), Code::invalid_file, "tensor 't0'",
                "again");
  check_failure(with_second(part(1).tensor("more", {1}, {1})), Code::invalid_file, "3 tensors",
                "they hold 4");
}

TEST_CASE("split entries of the wrong kind or range are refused") {
  check_failure(failure_of([] {
                  read_parts({{"m.gguf", GgufWriter().add("split.count", "3")}}, "m.gguf");
                }),
                Code::invalid_file, "split.count");
  check_failure(failure_of([] {
                  read_parts({{"m.gguf", GgufWriter().add("split.count", -1)}}, "m.gguf");
                }),
                Code::invalid_file, "-1");
  check_failure(failure_of([] {
                  read_parts({{"m.gguf", GgufWriter().add("split.count", 70000)}}, "m.gguf");
                }),
                Code::invalid_file, "70000");
}

}  // namespace
}  // namespace loquor
