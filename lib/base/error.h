// Throwing errors, and adding where they happened on the way out.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "loquor/error.hpp"

namespace loquor {

namespace detail {
inline void append(std::string& out, std::string_view part) { out += part; }
void append_number(std::string& out, double value);
template <class Value>
requires std::is_arithmetic_v<Value>
void append(std::string& out, Value value) {
  if constexpr (std::same_as<Value, char>) {
    out += value;
  } else if constexpr (std::same_as<Value, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::integral<Value>) {
    out += std::to_string(value);
  } else {
    append_number(out, static_cast<double>(value));
  }
}
}  // namespace detail

/// Joins text and numbers into one string.
template <class... Parts>
std::string text(const Parts&... parts) {
  std::string out;
  (detail::append(out, parts), ...);
  return out;
}

/// Throws Error with the parts joined into its one line. Text that comes from a file or a caller
/// goes through quoted().
template <class... Parts>
[[noreturn]] void fail(Code code, const Parts&... parts) {
  throw Error(code, text(parts...));
}

/// 'value' in single quotes, cut to `limit` bytes (more for paths), with control characters and
/// invalid UTF-8 shown as \xNN: safe in a one-line message.
std::string quoted(std::string_view value, std::size_t limit = 80);
// Exact matches, so that std::quoted, which lookup by argument finds too, is never the better one.
inline std::string quoted(const char* value) { return quoted(std::string_view(value)); }
inline std::string quoted(const std::string& value) { return quoted(std::string_view(value)); }
inline std::string quoted(std::string& value) { return quoted(std::string_view(value)); }

/// Runs fn; an Error that leaves it gets "where: " put before its message.
template <class Function>
decltype(auto) within(std::string_view where, Function&& fn) {
  try {
    return std::forward<Function>(fn)();
  } catch (const Error& error) {
    throw Error(error.code(), text(where, ": ", std::string_view(error.what())));
  }
}

}  // namespace loquor
