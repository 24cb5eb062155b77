#include "base/runtime.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/caught.h"

using namespace loquor;
using loquor::tests::caught;

TEST_CASE("a runtime has the threads it was asked for, or those that are available") {
  CHECK(Runtime({.threads = 3}).threads() == 3);
  CHECK(Runtime().threads() == available_threads());
  CHECK(caught([] { Runtime({.threads = -1}); }).code() == Code::invalid_argument);
  CHECK(caught([] { Runtime({.threads = 100'000}); }).code() == Code::invalid_argument);
  CHECK(caught([] { Runtime({.memory_limit = -1}); }).code() == Code::invalid_argument);
}

TEST_CASE("the shared runtime is one while it is held and a new one after that") {
  const Runtime::State* first = nullptr;
  {
    const Runtime runtime = Runtime::shared();
    first = &runtime.state();
    CHECK(&Runtime::shared().state() == first);
    runtime.state().take(1, "a mark");
  }
  CHECK(Runtime::shared().memory_used() == 0);
}

TEST_CASE("buffers are zeroed, aligned and counted while they live") {
  const Runtime runtime({.threads = 1});
  for (const std::int64_t size : {1, 63, 64, 65, 4096, 262'143, 262'144, 1'000'001}) {
    Buffer buffer(runtime, size, "a test");
    CHECK(buffer.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.as()) % 64 == 0);
    auto* bytes = buffer.as<unsigned char>();
    CHECK(std::all_of(bytes, bytes + size, [](unsigned char byte) { return byte == 0; }));
    std::fill(bytes, bytes + size, static_cast<unsigned char>(0xff));
    CHECK(runtime.memory_used() == size);
  }
  CHECK(runtime.memory_used() == 0);
  CHECK(Buffer(runtime, 0, "nothing").as() == nullptr);
}

TEST_CASE("a buffer moves with its count") {
  const Runtime runtime({.threads = 1});
  Buffer first(runtime, 100, "the first");
  first.as<char>()[99] = 'x';
  Buffer second = std::move(first);
  CHECK(first.size() == 0);  // NOLINT(bugprone-use-after-move)
  CHECK(second.as<char>()[99] == 'x');
  CHECK(runtime.memory_used() == 100);
  second = Buffer(runtime, 1000, "the other");
  CHECK(runtime.memory_used() == 1000);
  second = Buffer();
  CHECK(runtime.memory_used() == 0);
}

TEST_CASE("a buffer outlives the last copy of its runtime") {
  Buffer buffer;
  {
    const Runtime runtime({.threads = 1});
    buffer = Buffer(runtime, 128, "an orphan");
  }
  buffer.as<char>()[0] = 1;
  CHECK(buffer.size() == 128);
}

TEST_CASE(
    "the memory limit refuses, names the thing and both sizes, and gives back what is freed") {
  const Runtime runtime({.threads = 1, .memory_limit = 1000});
  CHECK(runtime.memory_limit() == 1000);
  Buffer most(runtime, 900, "weights");
  const Error error = caught([&] { Buffer(runtime, 101, "the cache of 'm'"); });
  CHECK(error.code() == Code::out_of_memory);
  CHECK(std::string_view(error.what()) ==
        "the cache of 'm' needs 101 bytes, but 100 are left of the memory_limit of 1000");
  Buffer rest(runtime, 100, "the rest");
  most = Buffer();
  CHECK(Buffer(runtime, 900, "again").size() == 900);
}

TEST_CASE("memory that the system does not have is an error and is not counted") {
  const Runtime runtime({.threads = 1});
  const Error error = caught([&] { Buffer(runtime, std::int64_t{1} << 60, "a petabyte"); });
  CHECK(error.code() == Code::out_of_memory);
  CHECK(std::string_view(error.what()).find("a petabyte needs 1152921504606846976 bytes") == 0);
  CHECK(runtime.memory_used() == 0);
}

TEST_CASE("bytes are counted right by many threads") {
  const Runtime runtime({.threads = 1, .memory_limit = 1 << 20});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) {
        runtime.state().take(64, "a block");
        runtime.state().give_back(64);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(runtime.memory_used() == 0);
}

TEST_CASE("the log receives lines, and one that throws does no harm") {
  std::vector<std::string> lines;
  RuntimeOptions options{.threads = 1};
  options.log = [&](LogLevel level, std::string_view line) {
    lines.push_back(text(static_cast<int>(level), ' ', line));
    throw 1;
  };
  const Runtime runtime(std::move(options));
  runtime.state().warn("key ", quoted("x"), " is ", 3);
  runtime.state().log(LogLevel::debug, "detail");
  CHECK(lines == std::vector<std::string>{"2 key 'x' is 3", "0 detail"});
  Runtime().state().warn("silent");
}

TEST_CASE("copies of a cancel handle share one flag") {
  const Cancel cancel;
  const Cancel copy = cancel;
  CHECK_NOTHROW(check(cancel, "the load"));
  copy.cancel();
  const Error error = caught([&] { check(cancel, "the load"); });
  CHECK(error.code() == Code::cancelled);
  CHECK(std::string_view(error.what()) == "the load was cancelled");
  cancel.reset();
  CHECK_NOTHROW(check(copy, "the load"));
}
