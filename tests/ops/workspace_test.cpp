#include <optional>

#include "numeric.h"

namespace loquor::tests {

TEST_CASE("a workspace takes no more memory once every shape has been seen") {
  const Runtime own = runtime();
  Workspace workspace(own);
  const auto pass = [&] {
    const Tensor a = workspace.take(100, 64);
    const Tensor b = workspace.take(7, 640);
    const Tensor c = workspace.take(1, 3);
  };
  pass();
  const std::int64_t held = workspace.bytes();
  CHECK(held >= (100 * 64 + 7 * 640 + 3) * 4);
  CHECK(own.memory_used() >= held);
  for (int i = 0; i < 10; ++i) pass();
  CHECK(workspace.bytes() == held);
}

TEST_CASE("batches of about the same size share a buffer") {
  Workspace workspace(runtime());
  workspace.take(128, 64);
  const std::int64_t held = workspace.bytes();
  for (std::int64_t rows = 127; rows > 100; --rows) workspace.take(rows, 64);
  CHECK(workspace.bytes() == held);
}

TEST_CASE("a workspace gives its memory back to the runtime, with the last tensor or by trim") {
  const Runtime own = runtime();
  Tensor kept;
  {
    Workspace workspace(own);
    kept = workspace.take(10, 10);
    workspace.take(100, 100);
    workspace.trim();
    CHECK(workspace.bytes() < 1000);
  }
  kept.row(9)[9] = 1;  // outlives the workspace
  CHECK(own.memory_used() > 0);
  kept = Tensor();
  CHECK(own.memory_used() == 0);
}

TEST_CASE("a tensor is unique until it is copied") {
  Workspace workspace(runtime());
  Tensor a = workspace.take(1, 1);
  CHECK(a.unique());
  std::optional<Tensor> b = a;
  CHECK_FALSE(a.unique());
  b.reset();
  CHECK(a.unique());
}

TEST_CASE("a workspace aligns to 64 bytes and has memory for empty tensors") {
  Workspace workspace(runtime());
  for (const std::int64_t columns : {0, 1, 17, 1000}) {
    const Tensor tensor = workspace.take(columns == 0 ? 5 : 3, columns);
    REQUIRE(tensor);
    CHECK(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64 == 0);
  }
}

TEST_CASE("a workspace past the memory limit fails, and first gives up what waits") {
  RuntimeOptions options;
  options.threads = 1;
  options.memory_limit = 100'000;
  Workspace workspace{Runtime(options)};
  workspace.take(1, 20'000);  // 80 kB, then free
  CHECK_NOTHROW(workspace.take(1, 2'000));
  CHECK_NOTHROW(workspace.take(1, 24'000));
  error_of(Code::out_of_memory, [&] { workspace.take(1, 30'000); });
  CHECK_NOTHROW(workspace.take(1, 10));
}

TEST_CASE("a tensor larger than any memory is refused") {
  Workspace workspace(runtime());
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  error_of(Code::out_of_memory, [&] { workspace.take(kHuge, kHuge); });
  error_of(Code::out_of_memory, [&] { workspace.take(kHuge, std::int64_t{1} << 21); });
  error_of(Code::internal, [&] { workspace.take(-1, 4); });
}

}  // namespace loquor::tests
