// Allocations that fail, one after another, in the whole flow through the C API: each gives
// LOQUOR_OUT_OF_MEMORY (or is got over), nothing ends the process, and the same objects go on
// working afterwards.
#include <doctest/doctest.h>
#include <loquor.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "base/threads.h"
#include "kernels/headroom.h"
#include "kernels/matmul.h"

namespace {

std::atomic<bool> armed{false};
std::atomic<long> until_failure{0};  // allocations before the one that fails
std::atomic<bool> then_all{false};   // whether all after it fail too
std::atomic<bool> failed{false};

thread_local bool with_headroom = false;
std::atomic<std::size_t> taken{0};       // by oneDNN since it last had headroom
std::atomic<std::size_t> most_taken{0};  // of all times that it had

// Whether this allocation is to fail. What oneDNN allocates where it has headroom does not.
bool fails(std::size_t size) noexcept {
  if (with_headroom) {
    taken += size;
    return false;
  }
  if (!armed) return false;
  const long left = until_failure.fetch_sub(1);
  if (left > 0 || (left < 0 && !then_all)) return false;
  failed = true;
  return true;
}

void* allocate(std::size_t size, std::size_t alignment) {
  void* memory = fails(size) ? nullptr : ::memalign(alignment, size);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

// In place of the C library's, for oneDNN as for us: visible to it.
#pragma GCC visibility push(default)
extern "C" {
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails(size) ? nullptr : ::memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  *memory = aligned_alloc(alignment, size);
  return *memory ? 0 : ENOMEM;
}
#ifndef LOQUOR_SANITIZED  // a sanitizer has its own
void* malloc(std::size_t size) noexcept { return aligned_alloc(alignof(std::max_align_t), size); }
void* mmap(void* address, std::size_t size, int protection, int flags, int file,
           off_t offset) noexcept {
  if (fails(size)) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  const long pages = ::syscall(SYS_mmap, address, size, protection, flags, file, offset);
  return reinterpret_cast<void*>(pages);  // NOLINT(performance-no-int-to-ptr)
}
#endif
}
#pragma GCC visibility pop

// In place of the library's: an allocation that may fail as any other, and then counts what is
// taken.
namespace {
std::mutex turns;
}
loquor::Headroom::Headroom() : turn_(turns) {
  if (fails(kBytes)) throw std::bad_alloc();
  taken = 0;
  with_headroom = true;
}
loquor::Headroom::~Headroom() {
  with_headroom = false;
  if (taken > most_taken) most_taken = taken.load();
}

namespace {

const std::string kModel = LOQUOR_SOURCE_DIR "/tests/golden/chat_llama";

// Runs the call with its n-th allocation failing; whether it made that many.
template <class Call>
bool run_with_failure(long n, Call&& call) {
  loquor_error* error = nullptr;
  failed = false;
  until_failure = n;
  armed = true;
  const std::int32_t result = call(&error);
  armed = false;
  const std::string message = loquor_error_message(error);
  CAPTURE(n);
  CAPTURE(message);
  if (result != LOQUOR_OK) {
    CHECK(failed);
    CHECK(result == LOQUOR_OUT_OF_MEMORY);
    CHECK(loquor_error_code(error) == result);
  }
  loquor_error_free(error);
  return failed;
}

// Lets every allocation of a call fail in turn: it alone, then it and all that follow.
template <class Call>
void fail_everywhere(Call&& call) {
  for (const bool all : {false, true}) {
    then_all = all;
    long n = 0;
    while (run_with_failure(n, call)) ++n;
    CHECK(n > 3);
    CHECK(call(nullptr) == LOQUOR_OK);
  }
}

}  // namespace

TEST_CASE("options survive every failed allocation") {
  fail_everywhere([](loquor_error** error) {
    loquor_options* options = nullptr;
    loquor_string* json = nullptr;
    std::int32_t result = loquor_options_new("generate", &options, error);
    const char* values =
        R"({"stop_strings": ["one stop string that is long"], "logit_bias": {"3": 1}})";
    if (result == LOQUOR_OK)
      result = loquor_options_set_json(options, values, std::strlen(values), error);
    if (result == LOQUOR_OK) result = loquor_options_to_json(options, &json, error);
    loquor_string_free(json);
    loquor_options_free(options);
    return result;
  });
}

TEST_CASE("opening a model survives every failed allocation") {
  fail_everywhere([](loquor_error** error) {
    loquor_model* model = nullptr;
    const std::int32_t result = loquor_model_open(nullptr, kModel.c_str(), nullptr, &model, error);
    loquor_model_free(model);
    return result;
  });
}

TEST_CASE("sessions, generations and chats of one model survive every failed allocation") {
  loquor_model* model = nullptr;
  REQUIRE(loquor_model_open(nullptr, kModel.c_str(), nullptr, &model, nullptr) == LOQUOR_OK);
  loquor_options* options = nullptr;
  REQUIRE(loquor_options_new("generate", &options, nullptr) == LOQUOR_OK);
  REQUIRE(loquor_options_set_int64(options, "max_new_tokens", 3, nullptr) == LOQUOR_OK);
  fail_everywhere([&](loquor_error** error) {
    loquor_session* session = nullptr;
    loquor_session* fork = nullptr;
    loquor_tensor* logits = nullptr;
    loquor_string* state = nullptr;
    const std::int32_t ids[] = {1, 2, 3};
    std::int32_t result = loquor_session_new(model, nullptr, &session, error);
    if (result == LOQUOR_OK) result = loquor_session_append(session, ids, 3, 1, &logits, error);
    if (result == LOQUOR_OK) result = loquor_session_fork(session, &fork, error);
    if (result == LOQUOR_OK) result = loquor_session_save(fork, &state, error);
    loquor_string_free(state);
    loquor_tensor_free(logits);
    loquor_session_free(fork);
    loquor_session_free(session);
    return result;
  });
  fail_everywhere([&](loquor_error** error) {
    loquor_chat* chat = nullptr;
    loquor_output* output = nullptr;
    loquor_string* json = nullptr;
    std::int32_t result = loquor_chat_new(model, nullptr, &chat, error);
    if (result == LOQUOR_OK)
      result = loquor_chat_send(chat, "Hello there", 11, options, &output, error);
    if (result == LOQUOR_OK) result = loquor_output_json(output, &json, error);
    loquor_string_free(json);
    loquor_output_free(output);
    loquor_chat_free(chat);
    return result;
  });
  loquor_options_free(options);
  loquor_model_free(model);
  CHECK(most_taken < loquor::Headroom::kBytes / 2);
}

TEST_CASE("attentions survive every failed allocation") {
  const std::string path = LOQUOR_SOURCE_DIR "/tests/golden/bart";
  loquor_model* model = nullptr;
  REQUIRE(loquor_model_open(nullptr, path.c_str(), nullptr, &model, nullptr) == LOQUOR_OK);
  const std::int32_t ids[] = {5, 6, 7, 8};
  for (const bool decoder : {false, true}) {
    fail_everywhere([&](loquor_error** error) {
      loquor_tensor* attentions = nullptr;
      const std::int32_t result =
          decoder
              ? loquor_model_cross_attentions(model, ids, 4, ids, 3, nullptr, &attentions, error)
              : loquor_model_attentions(model, ids, 4, nullptr, 0, nullptr, &attentions, error);
      loquor_tensor_free(attentions);
      return result;
    });
  }
  loquor_model_free(model);
}

TEST_CASE("products of plain matrices survive every failed allocation") {
  constexpr std::int64_t kSize = 8;
  constexpr std::int64_t kRows = 300;  // more than a slice
  const std::vector<float> a(kRows * kSize, 2), b(kSize * kSize, 3);
  std::vector<float> c(kRows * kSize);
  loquor::ThreadPool pool(2);
  const auto multiply = [&](bool transpose_a, bool transpose_b, std::int64_t rows) {
    loquor::matmul_plain(pool, transpose_a, transpose_b, rows, kSize, kSize, a.data(), b.data(),
                         c.data(), true);
  };
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{3}, kRows}) {
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        for (const bool all : {false, true}) {
          then_all = all;
          long n = 0;
          do {
            failed = false;
            until_failure = n++;
            armed = true;
            try {
              multiply(transpose_a, transpose_b, rows);
              armed = false;
            } catch (const std::bad_alloc&) {
              armed = false;
              CHECK(failed);
            }
          } while (failed);
          std::fill(c.begin(), c.end(), 1.0f);
          multiply(transpose_a, transpose_b, rows);
          CHECK(c[0] == 1 + 6 * kSize);
        }
      }
    }
  }
  CHECK(most_taken < loquor::Headroom::kBytes / 2);
}
