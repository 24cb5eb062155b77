#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "base/error.h"
#include "base/runtime.h"
#include "base/threads.h"

// A sanitizer of threads cannot follow a child that starts threads.
#if defined(__SANITIZE_THREAD__)
#define LOQUOR_FORKS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LOQUOR_FORKS 0
#endif
#endif
#ifndef LOQUOR_FORKS
#define LOQUOR_FORKS 1
#endif

#if LOQUOR_FORKS

using namespace loquor;

namespace {

// Whether two threads meet in a region of two chunks.
bool works(ThreadPool& pool) {
  std::atomic<int> here{0};
  std::atomic<bool> met{true};
  pool.parallel_for(2, 1, [&](auto, auto) {
    ++here;
    for (int i = 0; here < 2; ++i) {
      if (i == 10'000) {
        met = false;
        return;
      }
      ::usleep(1000);
    }
  });
  return met;
}

// Runs `child` in a child of this process; whether it returned true before an alarm ended it.
template <class Child>
bool in_child(Child child) {
  const pid_t process = ::fork();
  if (process == 0) {
    ::alarm(30);
    ::_exit(child() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a pool works in the child of a fork, in its grandchild, and on in the parent") {
  ThreadPool pool(2);
  REQUIRE(works(pool));
  const ThreadPool::Awake awake(pool);
  CHECK(in_child(
      [&] { return works(pool) && in_child([&] { return works(pool); }) && works(pool); }));
  CHECK(works(pool));
}

TEST_CASE("a pool that was never used works in the child") {
  ThreadPool pool(2);
  CHECK(in_child([&] { return works(pool); }));
  CHECK(works(pool));
}

TEST_CASE("the child may end a pool whose threads it does not have, used there or not") {
  for (const bool used : {false, true}) {
    auto pool = std::make_unique<ThreadPool>(3);
    REQUIRE(works(*pool));
    CHECK(in_child([&] {
      const bool fine = !used || works(*pool);
      pool.reset();
      return fine;
    }));
  }
}

TEST_CASE("a region that another thread of the parent is in does not hold the child") {
  ThreadPool pool(2);
  std::atomic<int> inside{0};
  std::atomic<bool> release{false};
  std::thread other([&] {
    pool.parallel_for(2, 1, [&](auto, auto) {
      ++inside;
      while (!release) ::usleep(1000);
    });
  });
  while (inside < 2) ::usleep(1000);
  CHECK(in_child([&] { return works(pool); }));
  release = true;
  other.join();
}

TEST_CASE("a child forked inside a region gets an error instead of waiting for lost threads") {
  ThreadPool pool(2);
  const auto here = std::this_thread::get_id();
  const pid_t parent = ::getpid();
  std::atomic<int> arrived{0};
  std::atomic<bool> forked{false};
  pid_t child = -1;
  bool failed = false;
  try {
    pool.parallel_for(2, 1, [&](auto, auto) {
      ++arrived;
      while (arrived < 2) ::usleep(1000);
      if (std::this_thread::get_id() != here) {
        while (!forked) ::usleep(1000);
        return;
      }
      child = ::fork();
      if (child == 0) ::alarm(30);
      forked = true;
    });
  } catch (const Error& error) {
    failed = error.code() == Code::busy;
  }
  if (::getpid() != parent) ::_exit(failed && works(pool) ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK_FALSE(failed);
  CHECK(works(pool));
}

TEST_CASE("the shared runtime can be had in the child while another thread makes and drops it") {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) {
      Runtime::shared();
      std::this_thread::yield();  // else one processor would give this thread every slice
    }
  });
  for (int i = 0; i < 20; ++i) CHECK(in_child([] { return Runtime::shared().threads() >= 1; }));
  stop = true;
  other.join();
}

#endif
