// The Error that a call throws.
#pragma once

#include "loquor/error.hpp"

namespace loquor::tests {

/// The error of fn(), or one with Code::ok where it throws none.
template <class Function>
Error caught(Function&& fn) {
  try {
    fn();
  } catch (const Error& error) {
    return error;
  }
  return Error(Code::ok, "nothing was thrown");
}

}  // namespace loquor::tests
