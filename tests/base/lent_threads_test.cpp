// The host's own threads in place of ours.
#include <doctest/doctest.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "base/threads.h"

using namespace loquor;
using namespace std::chrono_literals;

namespace {

struct Request {
  int count;
  void (*worker)(void*);
  void* argument;
};

std::int64_t lent_sum(ThreadPool& pool, std::int64_t n) {
  std::atomic<std::int64_t> total{0};
  pool.parallel_for(n, 1, [&](std::int64_t begin, std::int64_t) { total += begin; });
  return total;
}

// Joins what it lent when it goes, which is before the pool does in these tests.
class Host {
 public:
  ~Host() { join(); }
  void start(const Request& request) {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < request.count; ++i) {
      threads_.emplace_back([request] { request.worker(request.argument); });
    }
    started_ += request.count;
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int started() const { return started_; }

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::atomic<int> started_{0};
};

}  // namespace

TEST_CASE("a host that never comes is not waited for") {
  std::atomic<int> asked{0};
  ThreadPool pool(4, [&](int, void (*)(void*), void*) { ++asked; });
  for (int i = 0; i < 50; ++i) REQUIRE(lent_sum(pool, 1000) == 499'500);
  CHECK(asked >= 1);
  std::this_thread::sleep_for(2ms);
  const int before = asked;
  lent_sum(pool, 1000);
  CHECK(asked == before + 1);  // it may have been busy, so it is asked again, but not without end
}

TEST_CASE("lent threads work, and no more are asked for than can be of use") {
  Host host;
  std::atomic<int> most{0};
  ThreadPool pool(3, [&](int count, void (*worker)(void*), void* argument) {
    if (count > most) most = count;
    host.start({count, worker, argument});
  });
  std::atomic<int> here{0};
  std::atomic<bool> met{true};
  pool.parallel_for(2, 1, [&](auto, auto) {
    ++here;
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (here < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    if (here < 2) met = false;
  });
  CHECK(met);
  CHECK(host.started() == 1);
  host.join();
  for (int i = 0; i < 20; ++i) {
    CHECK(lent_sum(pool, 1000) == 499'500);
    host.join();
  }
  CHECK(most == 2);
}

TEST_CASE("while awake a lent thread stays for the next region, and leaves when there is none") {
  Host host;
  ThreadPool pool(2, [&](int count, void (*worker)(void*), void* argument) {
    host.start({count, worker, argument});
  });
  {
    const ThreadPool::Awake awake(pool);
    for (int i = 0; i < 2000; ++i) REQUIRE(lent_sum(pool, 20) == 190);
    host.join();  // ends although the Awake still lives
  }
  host.join();
  CHECK(host.started() >= 1);
  CHECK(host.started() < 2000);
}

TEST_CASE("a late worker finds nothing to do and returns") {
  std::vector<Request> late;
  ThreadPool pool(3, [&](int count, void (*worker)(void*), void* argument) {
    late.push_back({count, worker, argument});
  });
  CHECK(lent_sum(pool, 100) == 4950);
  REQUIRE(late.size() == 1);
  CHECK(late[0].count == 2);
  std::thread([&] { late[0].worker(late[0].argument); }).join();
  late[0].worker(late[0].argument);
  CHECK(lent_sum(pool, 100) == 4950);
}

TEST_CASE("a host may run the worker at once, on the calling thread, or throw") {
  ThreadPool inline_pool(2, [](int, void (*worker)(void*), void* argument) { worker(argument); });
  CHECK(lent_sum(inline_pool, 1000) == 499'500);
  ThreadPool throwing(2, [](int, void (*)(void*), void*) { throw 1; });
  CHECK(lent_sum(throwing, 1000) == 499'500);
}

TEST_CASE("the pool waits for lent threads that are inside when it goes") {
  for (int i = 0; i < 50; ++i) {
    Host host;
    ThreadPool pool(4, [&](int count, void (*worker)(void*), void* argument) {
      host.start({count, worker, argument});
    });
    const ThreadPool::Awake awake(pool);
    CHECK(lent_sum(pool, 100) == 4950);
    host.join();
  }
}
