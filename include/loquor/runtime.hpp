// Runtime: threads, log and memory limit that models share. Cancel: ends a long call from another
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "loquor/api.hpp"

namespace LOQUOR_API loquor {

/// Ends any long call (load, prefill, generation) from another thread or a signal handler.
/// Copies share one flag. A call that sees it set fails with Code::cancelled and leaves its objects
/// as they were before the call.
class Cancel {
 public:
  Cancel() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() const noexcept { flag_->store(true, std::memory_order_relaxed); }
  void reset() const noexcept { flag_->store(false, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return flag_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

enum class LogLevel : std::int32_t { debug = 0, info = 1, warning = 2 };

struct RuntimeOptions {
  /// Threads that compute, the caller's included. 0: min(affinity, cgroup quota), rounded down, at
  /// least 1.
  int threads = 0;
  /// Bytes that weights, caches and workspaces of this runtime may take together. 0: no limit.
  std::int64_t memory_limit = 0;
  /// Receives one line without a newline at a time, from any thread; it must not throw. Empty:
  /// silent.
  std::function<void(LogLevel, std::string_view)> log = nullptr;
  /// Lends the host's threads instead of starting our own: called with a count, a worker and its
  /// argument, it arranges for worker(argument) to run on 0 to count other threads, now or later,
  /// and returns at once. The argument stays valid as long as the Runtime; a late worker finds
  /// nothing to do and returns.
  std::function<void(int count, void (*worker)(void*), void* argument)> lend = nullptr;
};

/// Threads, log and memory accounting. Copies share one state; any thread may use it.
/// Models that are given none share a default one, made with the first such model and ended with
/// the last.
class Runtime {
 public:
  /// Throws Error(invalid_argument) for a negative count or limit.
  explicit Runtime(RuntimeOptions options = {});
  /// The default runtime, made on first use and kept while anything holds it.
  static Runtime shared();

  int threads() const noexcept;
  std::int64_t memory_limit() const noexcept;
  /// Bytes that weights, caches and workspaces take at present.
  std::int64_t memory_used() const noexcept;

  class LOQUOR_HIDDEN State;
  State& state() const noexcept { return *state_; }

 private:
  explicit Runtime(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
  friend class Buffer;
};

}  // namespace loquor
