// Version, errors, and the arguments that every topic checks.
#include <new>
#include <stdexcept>

#include "guard.h"

namespace loquor::capi {

namespace {

static_assert(LOQUOR_DONE == static_cast<int>(Code::done));
static_assert(LOQUOR_INVALID_ARGUMENT == static_cast<int>(Code::invalid_argument));
static_assert(LOQUOR_NOT_FOUND == static_cast<int>(Code::not_found));
static_assert(LOQUOR_INVALID_FILE == static_cast<int>(Code::invalid_file));
static_assert(LOQUOR_UNSUPPORTED == static_cast<int>(Code::unsupported));
static_assert(LOQUOR_OUT_OF_MEMORY == static_cast<int>(Code::out_of_memory));
static_assert(LOQUOR_CONTEXT_FULL == static_cast<int>(Code::context_full));
static_assert(LOQUOR_CANCELLED == static_cast<int>(Code::cancelled));
static_assert(LOQUOR_BUSY == static_cast<int>(Code::busy));
static_assert(LOQUOR_IO == static_cast<int>(Code::io));
static_assert(LOQUOR_INTERNAL == static_cast<int>(Code::internal));

// Needs no memory: the text fits into the string itself.
loquor_error& out_of_memory() noexcept {
  static loquor_error error{{}, LOQUOR_OUT_OF_MEMORY, "out of memory"};
  return error;
}

std::int32_t set(loquor_error** error, Code code, std::string_view message) noexcept {
  if (!error) return static_cast<std::int32_t>(code);
  try {
    give(error, static_cast<std::int32_t>(code), std::string(message));
  } catch (...) {
    *error = &out_of_memory();
  }
  return (*error)->code;
}

}  // namespace

std::int32_t report(loquor_error** error) noexcept {
  try {
    throw;
  } catch (const Error& failure) {
    return set(error, failure.code(), failure.what());
  } catch (const std::bad_alloc&) {
    if (error) *error = &out_of_memory();
    return LOQUOR_OUT_OF_MEMORY;
  } catch (const std::length_error&) {
    return set(error, Code::out_of_memory, "out of memory: a size is beyond what memory can hold");
  } catch (const std::exception& failure) {
    return set(error, Code::internal, failure.what());
  } catch (...) {
    return set(error, Code::internal, "an exception of an unknown kind reached the C API");
  }
}

std::string_view text_argument(const char* text, std::size_t length, std::string_view what) {
  const auto span = span_argument(text, length, what);
  return {span.data(), span.size()};
}

Json json_argument(const char* text, std::size_t length, std::string_view what) {
  try {
    return Json::parse(text_argument(text, length, what));
  } catch (const Error& error) {
    fail(Code::invalid_argument, what, ": ", std::string_view(error.what()));
  }
}

std::optional<Cancel> cancel_argument(const loquor_cancel* cancel) {
  if (!cancel) return {};
  return handle(cancel, "cancel").value;
}

}  // namespace loquor::capi

using loquor::capi::usable;

const char* loquor_version(void) { return loquor::version(); }

int32_t loquor_error_code(const loquor_error* error) { return usable(error) ? error->code : 0; }

const char* loquor_error_message(const loquor_error* error) {
  return usable(error) ? error->message.c_str() : "";
}

void loquor_error_free(loquor_error* error) {
  if (error != &loquor::capi::out_of_memory()) loquor::capi::release(error);
}
