// Workspace: size classes, four to a power of two, so that batches of about the same size share
// buffers.
#include "ops/tensor.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <utility>

namespace loquor {

namespace {

// 64 times the smallest of {4, 5, 6, 7} * 2^n that holds `bytes`: at most a fifth of it is wasted.
std::int64_t size_class(std::int64_t bytes) {
  const auto lines = static_cast<std::uint64_t>(std::max<std::int64_t>(1, (bytes + 63) / 64));
  const std::uint64_t step = std::max<std::uint64_t>(1, std::bit_floor(lines) / 4);
  return static_cast<std::int64_t>((lines + step - 1) / step * step * 64);
}

}  // namespace

struct Workspace::Pool {
  struct Lease;
  explicit Pool(const Runtime& from) : runtime(from) {}

  Buffer take(std::int64_t bytes) {
    const std::int64_t size = size_class(bytes);
    const std::scoped_lock lock(mutex);
    // The smallest that fits; one far larger is left for those who need it.
    auto best = waiting.end();
    for (auto it = waiting.begin(); it != waiting.end(); ++it) {
      if (it->size() < size || it->size() > 4 * size) continue;
      if (best == waiting.end() || it->size() < best->size()) best = it;
    }
    if (best != waiting.end()) {
      Buffer found = std::move(*best);
      waiting.erase(best);
      return found;
    }
    waiting.reserve(static_cast<std::size_t>(buffers) + 1);  // so that give_back() cannot fail
    Buffer made = make(size);
    ++buffers;
    held += size;
    return made;
  }

  void give_back(Buffer buffer) noexcept {
    const std::scoped_lock lock(mutex);
    waiting.push_back(std::move(buffer));
  }

  void trim() noexcept {
    for (const Buffer& buffer : waiting) held -= buffer.size();
    buffers -= static_cast<std::int64_t>(waiting.size());
    waiting.clear();
  }

  Buffer make(std::int64_t size) {
    try {
      return Buffer(runtime, size, "workspace");
    } catch (const Error& error) {
      if (error.code() != Code::out_of_memory || waiting.empty()) throw;
    }
    trim();  // what waits is of other sizes: give it up and try once more
    return Buffer(runtime, size, "workspace");
  }

  Runtime runtime;
  mutable std::mutex mutex;
  std::vector<Buffer> waiting;
  std::int64_t buffers = 0;
  std::int64_t held = 0;
};

// What a Tensor owns: a buffer on loan.
struct Workspace::Pool::Lease {
  Lease(std::shared_ptr<Pool> from, std::int64_t bytes)
      : pool(std::move(from)), buffer(pool->take(bytes)) {}
  ~Lease() { pool->give_back(std::move(buffer)); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  std::shared_ptr<Pool> pool;
  Buffer buffer;
};

Workspace::Workspace(const Runtime& runtime) : pool_(std::make_shared<Pool>(runtime)) {}

Tensor Workspace::take(std::int64_t rows, std::int64_t columns) {
  std::int64_t bytes = 0;
  if (rows < 0 || columns < 0) {
    fail(Code::internal, "workspace: a tensor of shape (", rows, ", ", columns, ")");
  }
  constexpr std::int64_t kFloat = sizeof(float);
  if (__builtin_mul_overflow(rows, columns, &bytes) ||
      __builtin_mul_overflow(bytes, kFloat, &bytes) || bytes > (std::int64_t{1} << 60)) {
    fail(Code::out_of_memory, "workspace: a tensor of shape (", rows, ", ", columns,
         ") is larger than memory");
  }
  auto lease = std::make_shared<Pool::Lease>(pool_, bytes);
  Tensor tensor;
  tensor.data_ = lease->buffer.as<float>();
  tensor.owner_ = std::move(lease);
  tensor.rows_ = rows;
  tensor.columns_ = columns;
  return tensor;
}

std::int64_t Workspace::bytes() const noexcept {
  const std::scoped_lock lock(pool_->mutex);
  return pool_->held;
}

void Workspace::trim() noexcept {
  const std::scoped_lock lock(pool_->mutex);
  pool_->trim();
}

}  // namespace loquor
