#include "base/bytes.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstring>

#include "base/caught.h"
#include "base/error.h"
#include "base/temporary_folder.h"

using namespace loquor;
using loquor::tests::caught;
using loquor::tests::TemporaryFolder;

namespace {

bool mentions(const Error& error, std::string_view what) {
  return std::string_view(error.what()).find(what) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a mapped file reads as it is and outlives its name") {
  const TemporaryFolder folder;
  const std::string content = std::string(100'000, 'x') + "the end";
  const auto path = folder.write("model.bin", content);
  Bytes bytes = Bytes::map(path);
  std::filesystem::remove(path);
  CHECK(bytes.view() == content);
  const Bytes end = bytes.slice(100'000, 7);
  bytes = Bytes();
  CHECK(end.view() == "the end");
}

TEST_CASE("released pages are read again from the file when they are touched") {
  const TemporaryFolder folder;
  const std::string content(1 << 20, 'y');
  const Bytes bytes = Bytes::map(folder.write("model.bin", content));
  bytes.release();
  bytes.slice(5, 8000).release();
  Bytes::own("own").release();
  CHECK(bytes.view() == content);
}

TEST_CASE("an empty file has no bytes") {
  const TemporaryFolder folder;
  CHECK(Bytes::map(folder.write("empty", "")).size() == 0);
  CHECK(read_text(folder.write("empty", "")).empty());
}

TEST_CASE("what cannot be opened is named") {
  const TemporaryFolder folder;
  for (const bool whole : {false, true}) {
    const auto open = [&](const std::filesystem::path& path) {
      return caught([&] { whole ? (void)read_text(path) : (void)Bytes::map(path); });
    };
    const Error missing = open(folder.path() / "missing.bin");
    CHECK(missing.code() == Code::not_found);
    CHECK(mentions(missing, (folder.path() / "missing.bin").native()));
    CHECK(mentions(missing, "No such file"));
    CHECK(open(folder.write("file", "") / "below").code() == Code::not_found);
    const Error directory = open(folder.path());
    CHECK(directory.code() == Code::invalid_file);
    CHECK(mentions(directory, "is a folder, expected a file"));
    CHECK(open(folder.path() / std::string(300, 'n')).code() == Code::io);  // name too long
  }
}

TEST_CASE("a named pipe is refused without waiting for a writer") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(caught([&] { Bytes::map(path); }).code() == Code::invalid_file);
}

TEST_CASE("text above the limit is refused before it is read") {
  const TemporaryFolder folder;
  const auto path = folder.write("config.json", "{\"a\": 1}");
  CHECK(read_text(path) == "{\"a\": 1}");
  CHECK(read_text(path, 8) == "{\"a\": 1}");
  const Error error = caught([&] { read_text(path, 7); });
  CHECK(error.code() == Code::invalid_file);
  CHECK(mentions(error, "has 8 bytes, expected at most 7"));
}

TEST_CASE("own and borrow hold what they were given") {
  const Bytes owned = Bytes::own("short");
  const Bytes copy = owned;
  CHECK(copy.data() == owned.data());
  CHECK(copy.view() == "short");
  const std::string host = "borrowed";
  const Bytes borrowed = Bytes::borrow(std::as_bytes(std::span(host)));
  CHECK(static_cast<const void*>(borrowed.data()) == host.data());
  CHECK(borrowed.view() == "borrowed");
}

TEST_CASE("slices stop at the end, whatever the numbers") {
  const Bytes bytes = Bytes::own("0123456789");
  CHECK(bytes.slice(0, 10).view() == "0123456789");
  CHECK(bytes.slice(3, 2).slice(1, 1).view() == "4");
  CHECK(bytes.slice(10, 0).size() == 0);
  CHECK(Bytes().slice(0, 0).size() == 0);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  struct Range {
    std::uint64_t offset, count;
  };
  for (const Range range :
       {Range{0, 11}, {11, 0}, {5, 6}, {kMost, 1}, {1, kMost}, {kMost, kMost}}) {
    CHECK(caught([&] { bytes.slice(range.offset, range.count); }).code() == Code::invalid_file);
  }
}

TEST_CASE("a read callback may give a part at a time") {
  const std::string source = "0123456789abcdef";
  int calls = 0;
  const Bytes bytes =
      Bytes::read(source.size(), [&](std::uint64_t offset, void* to, std::size_t n) {
        ++calls;
        const std::size_t count = std::min<std::size_t>(n, 5);
        std::memcpy(to, source.data() + offset, count);
        return count;
      });
  CHECK(bytes.view() == source);
  CHECK(calls == 4);
  CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64 == 0);
  CHECK(Bytes::read(0, {}).size() == 0);
}

TEST_CASE("a read callback that fails or claims too much is an error") {
  for (const std::size_t wrong : {std::size_t{0}, std::size_t{11}}) {
    const Error error = caught([&] { Bytes::read(10, [&](auto, auto, auto) { return wrong; }); });
    CHECK(error.code() == Code::io);
    CHECK(mentions(error, "at byte 0 of 10"));
  }
  const auto too_large = std::numeric_limits<std::uint64_t>::max() / 4;
  CHECK(caught([&] { Bytes::read(too_large, [](auto, auto, auto n) { return n; }); }).code() ==
        Code::out_of_memory);
}
