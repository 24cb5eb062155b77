// Zeroed memory that a Runtime counts.
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/runtime.h"

namespace loquor {

namespace {

constexpr std::size_t kAlignment = 64;
// From here on memory comes as pages of its own, which the system zeroes when they are first
// touched.
constexpr std::size_t kMapped = std::size_t{256} << 10;

void* allocate(std::size_t size) noexcept {
  if (size >= kMapped) {
    void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? nullptr : pages;
  }
  const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded);
  if (memory) std::memset(memory, 0, rounded);
  return memory;
}

void release(void* memory, std::size_t size) noexcept {
  if (size >= kMapped) {
    ::munmap(memory, size);
  } else {
    std::free(memory);
  }
}

}  // namespace

Buffer::Buffer(const Runtime& runtime, std::int64_t bytes, std::string_view what)
    : runtime_(runtime.state_), size_(bytes) {
  if (bytes < 0) fail(Code::internal, what, " has a size of ", bytes, " bytes");
  if (bytes == 0) return;
  runtime_->take(bytes, what);
  data_ = allocate(static_cast<std::size_t>(bytes));
  if (data_) return;
  runtime_->give_back(bytes);
  fail(Code::out_of_memory, what, " needs ", bytes, " bytes, which the system does not give");
}

Buffer::~Buffer() {
  if (!data_) return;
  release(data_, static_cast<std::size_t>(size_));
  runtime_->give_back(size_);
}

Buffer::Buffer(Buffer&& other) noexcept
    : runtime_(std::move(other.runtime_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  Buffer moved(std::move(other));
  std::swap(runtime_, moved.runtime_);
  std::swap(data_, moved.data_);
  std::swap(size_, moved.size_);
  return *this;
}

}  // namespace loquor
