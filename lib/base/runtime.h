// What stands behind a Runtime: the pool, the log, and the count of bytes in use.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/threads.h"
#include "loquor/runtime.hpp"

namespace loquor {

class Runtime::State {
 public:
  explicit State(RuntimeOptions options);

  ThreadPool& pool() noexcept { return pool_; }
  void log(LogLevel level, std::string_view line) const noexcept;
  template <class... Parts>
  void warn(const Parts&... parts) const {
    if (options_.log) log(LogLevel::warning, text(parts...));
  }
  const RuntimeOptions& options() const noexcept { return options_; }

  /// Counts bytes against the limit; throws Error(out_of_memory) naming `what`, the bytes and what
  /// is left.
  void take(std::int64_t bytes, std::string_view what);
  void give_back(std::int64_t bytes) noexcept;
  std::int64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }

 private:
  RuntimeOptions options_;
  ThreadPool pool_;
  std::atomic<std::int64_t> used_{0};
};

/// 64-byte aligned, zeroed memory whose bytes a Runtime counts. Movable, freed with its owner.
class LOQUOR_HIDDEN Buffer {
 public:
  Buffer() = default;
  Buffer(const Runtime& runtime, std::int64_t bytes, std::string_view what);
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;

  template <class T = std::byte>
  T* as() noexcept {
    return static_cast<T*>(data_);
  }
  template <class T = std::byte>
  const T* as() const noexcept {
    return static_cast<const T*>(data_);
  }
  std::int64_t size() const noexcept { return size_; }

 private:
  std::shared_ptr<Runtime::State> runtime_;
  void* data_ = nullptr;
  std::int64_t size_ = 0;
};

/// Throws Error(cancelled) once the flag is set. `what` names the call.
void check(const Cancel& cancel, std::string_view what);

}  // namespace loquor
