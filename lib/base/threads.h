// A small pool of threads: parallel_for claims chunks dynamically and the caller takes part.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>

namespace loquor {

/// Chunks are [i * grain, min((i + 1) * grain, n)): their boundaries do not depend on the number of
/// threads, which is why results do not either. Any number of host threads may call at once:
/// workers help one region after another, and each caller can always finish its own alone. After
/// fork() the child's pool starts anew. Workers run with denormals flushed to zero and return with
/// the caller's floating-point state untouched.
class ThreadPool {
 public:
  using Lend = std::function<void(int count, void (*worker)(void*), void* argument)>;
  /// `threads` compute, the caller's included, so threads - 1 are started, at first use. With
  /// `lend` none is.
  explicit ThreadPool(int threads, Lend lend = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return threads_; }

  /// Calls fn(begin, end) for every chunk, on any thread. The first exception thrown by fn is
  /// rethrown here after the chunks that were claimed have ended; the rest are dropped. Nested
  /// calls run serially on the calling thread.
  template <class Function>
  void parallel_for(std::int64_t n, std::int64_t grain, Function&& fn) {
    using Plain = std::remove_reference_t<Function>;
    run(
        n, grain,
        [](void* argument, std::int64_t begin, std::int64_t end) {
          (*static_cast<Plain*>(argument))(begin, end);
        },
        const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
  }

  struct State;

  /// While one lives, workers spin up to about 50 us for the next region before they sleep. One a
  /// generation step.
  class Awake {
   public:
    explicit Awake(ThreadPool& pool);
    ~Awake();
    Awake(const Awake&) = delete;
    Awake& operator=(const Awake&) = delete;

   private:
    State& state_;
  };

 private:
  using Body = void (*)(void* argument, std::int64_t begin, std::int64_t end);
  void run(std::int64_t n, std::int64_t grain, Body body, void* argument);
  State& state();

  int threads_;
  Lend lend_;
  std::atomic<State*> state_;  // another one in the child of a fork
};

/// The floating-point state that all our arithmetic runs in: denormals flushed to zero, round to
/// nearest, no traps. Puts the caller's back at the end of its life.
class FlushDenormals {
 public:
  FlushDenormals() noexcept;
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  std::uint64_t saved_;
};

/// min(affinity, cgroup v1/v2 quota) rounded down, at least 1.
int available_threads();

}  // namespace loquor
