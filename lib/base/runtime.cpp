#include "base/runtime.h"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace loquor {

namespace {

constexpr int kMostThreads = 1024;

int chosen_threads(int threads) {
  if (threads < 0 || threads > kMostThreads) {
    fail(Code::invalid_argument, "threads is ", threads, ", expected 0 to ", kMostThreads);
  }
  return threads == 0 ? std::min(available_threads(), kMostThreads) : threads;
}

RuntimeOptions checked(RuntimeOptions options) {
  if (options.memory_limit < 0) {
    fail(Code::invalid_argument, "memory_limit is ", options.memory_limit,
         ", expected bytes, or 0 for no limit");
  }
  return options;
}

std::mutex shared_mutex;
std::weak_ptr<Runtime::State> shared_state;
// A fork in another thread must not leave the child with a locked mutex.
[[maybe_unused]] const int fork_locks = ::pthread_atfork(
    [] { shared_mutex.lock(); }, [] { shared_mutex.unlock(); }, [] { shared_mutex.unlock(); });

}  // namespace

Runtime::State::State(RuntimeOptions options)
    : options_(checked(std::move(options))),
      pool_(chosen_threads(options_.threads), options_.lend) {}

void Runtime::State::log(LogLevel level, std::string_view line) const noexcept {
  if (!options_.log) return;
  try {
    options_.log(level, line);
  } catch (...) {
    // The callback must not throw; a log is no reason to fail.
  }
}

void Runtime::State::take(std::int64_t bytes, std::string_view what) {
  const std::int64_t limit = options_.memory_limit;
  std::int64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (limit > 0 && bytes > limit - used) {
      fail(Code::out_of_memory, what, " needs ", bytes, " bytes, but ", limit - used,
           " are left of the memory_limit of ", limit);
    }
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
}

void Runtime::State::give_back(std::int64_t bytes) noexcept {
  used_.fetch_sub(bytes, std::memory_order_relaxed);
}

Runtime::Runtime(RuntimeOptions options) : state_(std::make_shared<State>(std::move(options))) {}

Runtime Runtime::shared() {
  const std::lock_guard lock(shared_mutex);
  std::shared_ptr<State> state = shared_state.lock();
  if (!state) {
    state = std::make_shared<State>(RuntimeOptions());
    shared_state = state;
  }
  return Runtime(std::move(state));
}

int Runtime::threads() const noexcept { return state_->pool().threads(); }

std::int64_t Runtime::memory_limit() const noexcept { return state_->options().memory_limit; }

std::int64_t Runtime::memory_used() const noexcept { return state_->used(); }

void check(const Cancel& cancel, std::string_view what) {
  if (cancel.cancelled()) fail(Code::cancelled, what, " was cancelled");
}

}  // namespace loquor
