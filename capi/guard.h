// What every function of the C API is wrapped in: no exception leaves it, every failure becomes a
// code and an error.
#pragma once

#include <cxxabi.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "base/json.h"
#include "handles.h"

namespace loquor::capi {

/// Turns the exception that is being handled into a code, and into *error where error is not null.
std::int32_t report(loquor_error** error) noexcept;

/// Runs the whole body of a C function. A body that returns nothing gives LOQUOR_OK. The unwinding
/// that ends a thread (pthread_exit, pthread_cancel) is not an exception and passes.
template <class Body>
std::int32_t guard(loquor_error** error, Body&& body) {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      body();
      return LOQUOR_OK;
    } else {
      return body();
    }
  } catch (const abi::__forced_unwind&) {
    throw;
  } catch (...) {
    return report(error);
  }
}

/// Throws Error(invalid_argument) where an out parameter or a text ending in NUL is null.
template <class T>
T* required(T* pointer, std::string_view what) {
  if (!pointer) fail(Code::invalid_argument, what, ": found NULL");
  return pointer;
}

/// The handle itself; throws Error(invalid_argument) where it is null or of another kind.
template <class H>
H& handle(H* pointer, std::string_view what) {
  required(pointer, what);
  if (!pointer->is_valid())
    fail(Code::invalid_argument, what, ": found a handle of another kind, or one that was freed");
  return *pointer;
}

/// Makes a handle of the values and gives it to the caller.
template <class H, class... Values>
void give(H** out, Values&&... values) {
  *out = new H{{}, std::forward<Values>(values)...};
}

/// Whether a getter or a free function may use the handle.
template <class H>
bool usable(const H* pointer) noexcept {
  return pointer && pointer->is_valid();
}

template <class H>
void release(H* pointer) noexcept {
  if (usable(pointer)) delete pointer;
}

/// Takes a handle that serves one call at a time; throws Error(busy) where another thread has it.
class Exclusive {
 public:
  Exclusive(std::atomic<bool>& busy, std::string_view what) : busy_(busy) {
    if (busy_.exchange(true, std::memory_order_acquire))
      fail(Code::busy, what, " is in use by another thread");
  }
  ~Exclusive() { busy_.store(false, std::memory_order_release); }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;

 private:
  std::atomic<bool>& busy_;
};

/// A caller's text, ids or floats. Null is empty where the count is 0, and else throws
/// Error(invalid_argument).
std::string_view text_argument(const char* text, std::size_t length, std::string_view what);
template <class T>
std::span<const T> span_argument(const T* data, std::size_t count, std::string_view what) {
  if (count != 0) required(data, what);
  return {data, count};
}

/// A caller's JSON; throws Error(invalid_argument) with line and column.
Json json_argument(const char* text, std::size_t length, std::string_view what);

/// The options of a call, the defaults where null; throws Error(invalid_argument) for options of
/// another kind.
template <class Options>
Options options_argument(const loquor_options* options) {
  if (!options) return {};
  const auto& values = handle(options, "options").values;
  if (const auto* found = std::get_if<Options>(&values)) return *found;
  fail(Code::invalid_argument, "options: found kind ",
       std::visit([](const auto& found) { return table(found).kind(); }, values),
       ", expected kind ", table(Options()).kind());
}

std::optional<Cancel> cancel_argument(const loquor_cancel* cancel);

}  // namespace loquor::capi
