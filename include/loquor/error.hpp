// The one exception that loquor throws (besides std::bad_alloc), and its codes.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "loquor/api.hpp"

namespace LOQUOR_API loquor {

/// What went wrong, in a form that a program can act on. The values are those of LOQUOR_* in
/// loquor.h.
enum class Code : std::int32_t {
  ok = 0,
  done = 1,              ///< Not an error: a stream has ended (C ABI only; C++ never throws it).
  invalid_argument = 2,  ///< A value, option name, token id or text that the call cannot take.
  not_found = 3,         ///< No such file, folder, or model in the local cache.
  invalid_file = 4,      ///< A file that is truncated, malformed, or disagrees with itself.
  unsupported = 5,       ///< Well-formed, but asks for something this build does not do.
  out_of_memory = 6,     ///< The system's memory or the runtime's memory_limit is spent.
  context_full = 7,      ///< More positions than the model or the session has.
  cancelled = 8,         ///< A Cancel handle ended the call; everything is as before it.
  busy = 9,              ///< Another thread is inside a call on the same object.
  io = 10,               ///< The system failed to read (its message is in the text).
  internal = 11,         ///< A defect in loquor. Please report it.
};

/// A failure: a code and one line of text that names the thing and what was expected of it.
class Error : public std::exception {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  Code code() const noexcept { return code_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  Code code_;
  std::string message_;
};

}  // namespace loquor
