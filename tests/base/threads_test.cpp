#include "base/threads.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace loquor;
using namespace std::chrono_literals;

namespace {

using Chunk = std::pair<std::int64_t, std::int64_t>;

std::vector<Chunk> chunks_of(ThreadPool& pool, std::int64_t n, std::int64_t grain) {
  std::mutex mutex;
  std::vector<Chunk> chunks;
  pool.parallel_for(n, grain, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    chunks.emplace_back(begin, end);
  });
  std::sort(chunks.begin(), chunks.end());
  return chunks;
}

std::int64_t sum(ThreadPool& pool, std::int64_t n) {
  std::atomic<std::int64_t> total{0};
  pool.parallel_for(n, 7, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) total += i;
  });
  return total;
}

// Waits until the condition holds, or gives up after some seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Runs two chunks that wait for each other: they end in time only when two threads take part.
bool two_take_part(ThreadPool& pool) {
  std::atomic<int> here{0};
  std::atomic<bool> met{true};
  pool.parallel_for(2, 1, [&](auto, auto) {
    ++here;
    if (!eventually([&] { return here == 2; })) met = false;
  });
  return met;
}

}  // namespace

TEST_CASE("chunks cover the range once and do not depend on the number of threads") {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    CHECK(chunks_of(pool, 10, 4) == std::vector<Chunk>{{0, 4}, {4, 8}, {8, 10}});
    CHECK(chunks_of(pool, 8, 4) == std::vector<Chunk>{{0, 4}, {4, 8}});
    CHECK(chunks_of(pool, 3, 100) == std::vector<Chunk>{{0, 3}});
    CHECK(chunks_of(pool, 2, 0) == std::vector<Chunk>{{0, 1}, {1, 2}});
    CHECK(chunks_of(pool, 0, 4).empty());
    CHECK(chunks_of(pool, -5, 4).empty());
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    CHECK(chunks_of(pool, kMost, kMost - 1) ==
          std::vector<Chunk>{{0, kMost - 1}, {kMost - 1, kMost}});
    CHECK(sum(pool, 100'000) == 100'000ll * 99'999 / 2);
  }
}

TEST_CASE("workers take part, asleep or awake") {
  ThreadPool pool(2);
  CHECK(two_take_part(pool));
  const ThreadPool::Awake awake(pool);
  for (int i = 0; i < 100; ++i) REQUIRE(two_take_part(pool));
  std::this_thread::sleep_for(1ms);
  CHECK(two_take_part(pool));
}

TEST_CASE("many small regions in a row lose no chunk") {
  ThreadPool pool(4);
  for (int round = 0; round < 2; ++round) {
    std::unique_ptr<ThreadPool::Awake> awake;
    if (round == 1) awake = std::make_unique<ThreadPool::Awake>(pool);
    for (std::int64_t i = 0; i < 3000; ++i) {
      REQUIRE(sum(pool, 8 + i % 50) == (8 + i % 50) * (7 + i % 50) / 2);
    }
  }
}

TEST_CASE("the first exception comes out, the rest of the chunks are dropped, the pool goes on") {
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::atomic<int> calls{0};
    const auto throwing = [&](std::int64_t begin, std::int64_t) {
      ++calls;
      if (begin >= 5) throw std::runtime_error("chunk");
    };
    CHECK_THROWS_WITH_AS(pool.parallel_for(1'000'000, 1, throwing), "chunk", std::runtime_error);
    CHECK(calls < 1'000'000);
    CHECK(sum(pool, 1000) == 499'500);
  }
}

TEST_CASE("a nested call runs on the thread that makes it") {
  ThreadPool pool(3);
  ThreadPool other(3);
  std::atomic<int> elsewhere{0};
  std::atomic<std::int64_t> total{0};
  pool.parallel_for(20, 1, [&](auto, auto) {
    const auto here = std::this_thread::get_id();
    for (ThreadPool* inner : {&pool, &other}) {
      inner->parallel_for(10, 1, [&](std::int64_t begin, auto) {
        if (std::this_thread::get_id() != here) ++elsewhere;
        total += begin;
      });
    }
  });
  CHECK(elsewhere == 0);
  CHECK(total == 20 * 2 * 45);
}

TEST_CASE("more callers than the pool has slots run at once") {
  ThreadPool pool(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 24; ++i) {
    callers.emplace_back([&, i] {
      for (int round = 0; round < 100; ++round) {
        if (sum(pool, 500 + i) != std::int64_t{500 + i} * (499 + i) / 2) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
}

TEST_CASE("a caller finishes alone while every worker is held by another region") {
  ThreadPool pool(2);
  std::atomic<int> held{0};
  std::atomic<bool> release{false};
  std::thread other([&] {
    pool.parallel_for(2, 1, [&](auto, auto) {
      ++held;
      eventually([&] { return release.load(); });
    });
  });
  REQUIRE(eventually([&] { return held == 2; }));
  CHECK(sum(pool, 1000) == 499'500);
  release = true;
  other.join();
}

TEST_CASE("no thread is started for one thread or one chunk") {
  ThreadPool alone(1);
  ThreadPool pool(4);
  const auto here = std::this_thread::get_id();
  std::set<std::thread::id> seen;
  alone.parallel_for(50, 1, [&](auto, auto) { seen.insert(std::this_thread::get_id()); });
  pool.parallel_for(50, 50, [&](auto, auto) { seen.insert(std::this_thread::get_id()); });
  CHECK(seen == std::set{here});
}

TEST_CASE("workers leave the host's signals to the host's threads") {
  ThreadPool pool(2);
  const auto here = std::this_thread::get_id();
  std::atomic<bool> worker_blocks{false};
  std::atomic<bool> worker_keeps_faults{false};
  std::atomic<int> arrived{0};
  pool.parallel_for(2, 1, [&](auto, auto) {
    ++arrived;
    eventually([&] { return arrived == 2; });
    if (std::this_thread::get_id() == here) return;
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    worker_blocks = ::sigismember(&mask, SIGINT) == 1 && ::sigismember(&mask, SIGCHLD) == 1;
    worker_keeps_faults = ::sigismember(&mask, SIGSEGV) == 0;
  });
  CHECK(worker_blocks);
  CHECK(worker_keeps_faults);
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  CHECK(::sigismember(&mask, SIGINT) == 0);
}
