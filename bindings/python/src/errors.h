// Python's exceptions: loquor.Error, and a class for each code.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "loquor/error.hpp"

namespace loquor::python {

void add_errors(pybind11::module_& module);

[[noreturn]] inline void fail(Code code, std::string message) {
  throw Error(code, std::move(message));
}

}  // namespace loquor::python
