// The guard around every C function: what each kind of exception becomes.
#include "guard.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include <new>
#include <stdexcept>

using namespace loquor;
using namespace loquor::capi;

namespace {

struct Foreign {};

struct Reported {
  std::int32_t result;
  std::int32_t code;
  std::string message;
};

template <class Body>
Reported reported(Body&& body) {
  loquor_error* error = nullptr;
  const auto result = guard(&error, body);
  Reported found{result, loquor_error_code(error), loquor_error_message(error)};
  loquor_error_free(error);
  return found;
}

}  // namespace

TEST_CASE("a body that returns gives its code and sets no error") {
  loquor_error* error = nullptr;
  CHECK(guard(&error, [] {}) == LOQUOR_OK);
  CHECK(guard(&error, []() -> std::int32_t { return LOQUOR_DONE; }) == LOQUOR_DONE);
  CHECK(error == nullptr);
}

TEST_CASE("every exception becomes a code and a message") {
  const auto ours = reported([] { fail(Code::context_full, "300 ids"); });
  CHECK(ours.result == LOQUOR_CONTEXT_FULL);
  CHECK(ours.code == LOQUOR_CONTEXT_FULL);
  CHECK(ours.message == "300 ids");
  const auto standard = reported([] { throw std::runtime_error("what"); });
  CHECK(standard.result == LOQUOR_INTERNAL);
  CHECK(standard.message == "what");
  const auto foreign = reported([] { throw Foreign(); });
  CHECK(foreign.result == LOQUOR_INTERNAL);
  CHECK(foreign.message == "an exception of an unknown kind reached the C API");
  CHECK(reported([] { throw std::length_error("vector"); }).result == LOQUOR_OUT_OF_MEMORY);
  CHECK(guard(nullptr, [] { throw Foreign(); }) == LOQUOR_INTERNAL);
}

TEST_CASE("out of memory gives one static error, which may be freed any number of times") {
  loquor_error* first = nullptr;
  loquor_error* second = nullptr;
  CHECK(guard(&first, [] { throw std::bad_alloc(); }) == LOQUOR_OUT_OF_MEMORY);
  loquor_error_free(first);
  CHECK(guard(&second, [] { throw std::bad_alloc(); }) == LOQUOR_OUT_OF_MEMORY);
  CHECK(first == second);
  CHECK(loquor_error_code(second) == LOQUOR_OUT_OF_MEMORY);
  CHECK(std::string(loquor_error_message(second)) == "out of memory");
  loquor_error_free(second);
}

TEST_CASE("the unwinding of a thread that ends passes the guard") {
  static bool returned = false;
  static bool destroyed = false;
  struct Local {
    ~Local() { destroyed = true; }
  };
  pthread_t thread;
  REQUIRE(pthread_create(
              &thread, nullptr,
              [](void*) -> void* {
                guard(nullptr, [] {
                  const Local local;
                  pthread_exit(&destroyed);
                });
                returned = true;
                return nullptr;
              },
              nullptr) == 0);
  void* result = nullptr;
  REQUIRE(pthread_join(thread, &result) == 0);
  CHECK(result == &destroyed);
  CHECK(destroyed);
  CHECK_FALSE(returned);
}

TEST_CASE("a handle that is in use is busy, and free again afterwards") {
  std::atomic<bool> busy{false};
  const auto take = [&] { const Exclusive lock(busy, "the chat"); };
  {
    const Exclusive lock(busy, "the chat");
    const auto second = reported(take);
    CHECK(second.result == LOQUOR_BUSY);
    CHECK(second.message == "the chat is in use by another thread");
  }
  CHECK(reported(take).result == LOQUOR_OK);
}
