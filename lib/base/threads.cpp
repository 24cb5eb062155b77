// A region (one parallel_for) stands in a slot of the pool. Who claims one of its chunks, by
// counting `remaining` down, may read the slot until that chunk has ended; nobody else touches it.
// So a worker that the system has put aside before its claim keeps nobody waiting: should the slot
// serve another region by then, it claims a chunk of that one.
#include "base/threads.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "base/error.h"

namespace loquor {

namespace {

using Clock = std::chrono::steady_clock;
using Body = void (*)(void* argument, std::int64_t begin, std::int64_t end);

constexpr auto kSpin = std::chrono::microseconds(50);
// A lent worker that has not come after this time is asked for again: the host may have dropped the
// request.
constexpr auto kPatience = std::chrono::milliseconds(1);
// Regions that run at once; the callers of further ones do all of their own work.
constexpr int kSlots = 16;

// How many forks lie between this process and the one that loaded the library; the child of a fork
// counts it up. Registered as the library is loaded: a guard of a first use could itself be held by
// another thread at a fork.
std::atomic<unsigned> forks{0};
[[maybe_unused]] const int forks_counted =
    ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });

// initial-exec: there from the thread's start. What a thread first asks for in a library loaded at
// run time the C library allocates, and ends the process where it cannot.
[[gnu::tls_model("initial-exec")]] thread_local bool inside_region = false;

// Marks the calling thread as one that works on a region, and gives it our floating-point state.
class InsideRegion {
 public:
  InsideRegion() noexcept : before_(inside_region) { inside_region = true; }
  ~InsideRegion() { inside_region = before_; }
  InsideRegion(const InsideRegion&) = delete;
  InsideRegion& operator=(const InsideRegion&) = delete;

 private:
  const bool before_;
  const FlushDenormals flush_;
};

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Threads made during its life take no signals but those of their own faults: the others are the
// host's to handle.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
      sigdelset(&blocked, fault);
    }
    ::pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

struct Region {
  Body body;
  void* argument;
  std::int64_t n, grain, chunks;

  void run(std::int64_t chunk) const {
    const std::int64_t begin = chunk * grain;
    body(argument, begin, n - begin > grain ? begin + grain : n);
  }
};

struct alignas(64) Slot {
  std::atomic<bool> taken{false};
  std::atomic<std::int64_t> remaining{0};   // chunks that nobody has claimed
  std::atomic<std::int64_t> unfinished{0};  // chunks that have not ended
  std::atomic<int> finished{0};             // an int, so that waiting for it is one futex
  std::atomic<bool> failed{false};
  Region region{};
  std::exception_ptr error;

  void publish(const Region& next) noexcept {
    region = next;
    failed.store(false, std::memory_order_relaxed);
    finished.store(0, std::memory_order_relaxed);
    unfinished.store(next.chunks, std::memory_order_relaxed);
    remaining.store(next.chunks, std::memory_order_release);
  }

  // Claims a chunk and runs it; false when none is left.
  bool run_chunk() noexcept {
    std::int64_t left = remaining.load(std::memory_order_acquire);
    do {
      if (left == 0) return false;
    } while (!remaining.compare_exchange_weak(left, left - 1, std::memory_order_acquire));
    std::int64_t ended = 1;
    try {
      region.run(region.chunks - left);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
      ended += remaining.exchange(0, std::memory_order_acquire);
    }
    if (unfinished.fetch_sub(ended, std::memory_order_acq_rel) == ended) {
      finished.store(1, std::memory_order_release);
      finished.notify_one();
    }
    return true;
  }
};

}  // namespace

struct ThreadPool::State {
  State(int threads, const Lend& lend) : helpers(threads - 1), lend_workers(lend) {}
  ~State();

  Slot* take_slot() noexcept;
  void start();
  void announce(std::int64_t chunks);
  void ask_for_workers(int wanted);
  void help(std::size_t first_slot) noexcept;
  void work(std::size_t first_slot) noexcept;
  static void work_lent(void* state) noexcept;
  void finish(Slot& slot);
  template <class Condition>
  bool spin_until(Condition condition) const noexcept;

  const unsigned fork =
      forks.load(std::memory_order_relaxed);  // the process that this state belongs to
  const int helpers;                          // most workers at a time
  const Lend& lend_workers;
  std::array<Slot, kSlots> slots;
  std::atomic<int> epoch{0};  // counts regions; workers sleep on it
  std::atomic<int> awake{0};
  std::atomic<bool> stopping{false};
  std::atomic<bool> started{false};
  std::vector<std::thread> workers;
  // Lent workers that are here, and that are still to come; when they were last asked for.
  std::atomic<int> lent{0};
  std::atomic<int> awaited{0};
  std::atomic<Clock::time_point::rep> asked{0};
};

ThreadPool::State::~State() {
  stopping.store(true);
  epoch.fetch_add(1);
  epoch.notify_all();
  for (std::thread& worker : workers) worker.join();
  while (lent.load(std::memory_order_acquire) != 0) std::this_thread::yield();
}

Slot* ThreadPool::State::take_slot() noexcept {
  for (Slot& slot : slots) {
    if (!slot.taken.load(std::memory_order_relaxed) &&
        !slot.taken.exchange(true, std::memory_order_acquire)) {
      return &slot;
    }
  }
  return nullptr;
}

void ThreadPool::State::start() {
  if (started.load(std::memory_order_relaxed) || started.exchange(true)) return;
  const SignalsBlocked blocked;
  try {
    workers.reserve(static_cast<std::size_t>(helpers));
    for (int i = 0; i < helpers; ++i) {
      workers.emplace_back([this, i] { work(static_cast<std::size_t>(i)); });
      ::pthread_setname_np(workers.back().native_handle(), "loquor");
    }
  } catch (const std::system_error&) {
    // The system gives no more threads: those that we have do the work.
  }
}

void ThreadPool::State::announce(std::int64_t chunks) {
  const int wanted = static_cast<int>(std::min<std::int64_t>(helpers, chunks - 1));
  epoch.fetch_add(1);
  if (lend_workers) return ask_for_workers(wanted);
  if (wanted == helpers) return epoch.notify_all();
  for (int i = 0; i < wanted; ++i) epoch.notify_one();
}

void ThreadPool::State::ask_for_workers(int wanted) {
  const int missing = wanted - lent.load(std::memory_order_relaxed);
  if (missing <= 0) return;
  const Clock::duration now = Clock::now().time_since_epoch();
  const Clock::duration since = now - Clock::duration(asked.load(std::memory_order_relaxed));
  if (awaited.load(std::memory_order_relaxed) > 0 && since < kPatience) return;
  asked.store(now.count(), std::memory_order_relaxed);
  awaited.store(missing, std::memory_order_relaxed);
  try {
    lend_workers(missing, work_lent, this);
  } catch (...) {
    // A host that cannot lend lends none; the region has begun and ends without.
  }
}

// Runs chunks of all regions until no chunk is left.
void ThreadPool::State::help(std::size_t first_slot) noexcept {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Slot& slot = slots[(first_slot + i) % slots.size()];
    while (slot.run_chunk()) {
    }
  }
}

void ThreadPool::State::work(std::size_t first_slot) noexcept {
  const InsideRegion inside;
  while (!stopping.load()) {
    const int seen = epoch.load();
    help(first_slot);
    if (stopping.load()) return;
    if (!spin_until([&] { return epoch.load(std::memory_order_relaxed) != seen; }))
      epoch.wait(seen);
  }
}

void ThreadPool::State::work_lent(void* argument) noexcept {
  State& state = *static_cast<State*>(argument);
  const int before = state.lent.fetch_add(1);
  state.awaited.fetch_sub(1, std::memory_order_relaxed);
  if (before < state.helpers) {
    const InsideRegion inside;
    for (bool more = true; more && !state.stopping.load();) {
      const int seen = state.epoch.load();
      state.help(static_cast<std::size_t>(before));
      more = state.spin_until([&] { return state.epoch.load(std::memory_order_relaxed) != seen; });
    }
  }
  state.lent.fetch_sub(1, std::memory_order_release);
}

// Whether the condition came true; without an Awake it is looked at once.
template <class Condition>
bool ThreadPool::State::spin_until(Condition condition) const noexcept {
  constexpr int kLooks = 16;  // between two looks at the clock
  if (condition()) return true;
  if (awake.load(std::memory_order_relaxed) <= 0) return false;
  const auto end = Clock::now() + kSpin;
  do {
    for (int i = 0; i < kLooks; ++i) {
      if (condition()) return true;
      pause();
    }
  } while (awake.load(std::memory_order_relaxed) > 0 && Clock::now() < end);
  return false;
}

// Does what nobody has claimed, waits for what others have, and throws what one of them threw.
void ThreadPool::State::finish(Slot& slot) {
  {
    const InsideRegion inside;
    while (slot.run_chunk()) {
    }
  }
  if (!spin_until([&] { return slot.finished.load(std::memory_order_acquire) != 0; })) {
    if (fork != forks.load(std::memory_order_relaxed)) {
      fail(Code::busy,
           "the process was forked inside a parallel computation, whose threads the child lacks");
    }
    slot.finished.wait(0, std::memory_order_acquire);
  }
  const std::exception_ptr error = std::exchange(slot.error, nullptr);
  slot.taken.store(false, std::memory_order_release);
  if (error) std::rethrow_exception(error);
}

ThreadPool::ThreadPool(int threads, Lend lend)
    : threads_(std::max(1, threads)), lend_(std::move(lend)), state_(new State(threads_, lend_)) {}

ThreadPool::~ThreadPool() {
  State* last = state_.load();
  // The threads of a state from before a fork do not exist here: it can neither join them nor be
  // freed.
  if (last->fork == forks.load(std::memory_order_relaxed)) delete last;
}

ThreadPool::State& ThreadPool::state() {
  State* current = state_.load(std::memory_order_acquire);
  if (current->fork == forks.load(std::memory_order_relaxed)) return *current;
  auto fresh = std::make_unique<State>(threads_, lend_);
  if (state_.compare_exchange_strong(current, fresh.get())) return *fresh.release();
  return *current;
}

void ThreadPool::run(std::int64_t n, std::int64_t grain, Body body, void* argument) {
  if (n <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  const Region region{body, argument, n, grain, (n - 1) / grain + 1};
  State* state = nullptr;
  Slot* slot = nullptr;
  if (region.chunks > 1 && threads_ > 1 && !inside_region) {
    state = &this->state();
    slot = state->take_slot();
  }
  if (!slot) {
    const FlushDenormals flush;
    for (std::int64_t chunk = 0; chunk < region.chunks; ++chunk) region.run(chunk);
    return;
  }
  slot->publish(region);
  if (!lend_) state->start();
  state->announce(region.chunks);
  state->finish(*slot);
}

ThreadPool::Awake::Awake(ThreadPool& pool) : state_(pool.state()) {
  state_.awake.fetch_add(1, std::memory_order_relaxed);
}

ThreadPool::Awake::~Awake() { state_.awake.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace loquor
