// Arithmetic on sizes that come from files: overflow is an error, never a wrap.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace loquor {

/// a + b; throws Error(invalid_file) naming `what` when it does not fit.
template <std::integral T>
T checked_add(T a, T b, std::string_view what) {
  T sum;
  if (__builtin_add_overflow(a, b, &sum))
    fail(Code::invalid_file, what, " overflows: ", a, " + ", b);
  return sum;
}

/// a * b; throws Error(invalid_file) naming `what` when it does not fit.
template <std::integral T>
T checked_mul(T a, T b, std::string_view what) {
  T product;
  if (__builtin_mul_overflow(a, b, &product))
    fail(Code::invalid_file, what, " overflows: ", a, " * ", b);
  return product;
}

/// value as To; throws Error(invalid_file) naming `what` when To cannot hold it.
template <std::integral To, std::integral From>
To checked_cast(From value, std::string_view what) {
  if (!std::in_range<To>(value)) fail(Code::invalid_file, what, " is out of range: ", value);
  return static_cast<To>(value);
}

}  // namespace loquor
