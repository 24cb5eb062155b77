// Letting other Python threads run.
#pragma once

#include <pybind11/pybind11.h>

namespace loquor::python {

/// Lets go of the GIL while it lives. At the interpreter's end CPython ends daemon threads that
/// come back for the GIL by unwinding them, which aborts in C++; here such a thread stays waiting
/// instead.
class Unlocked {
 public:
  Unlocked() : state_(PyEval_SaveThread()) {}
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};

/// Has Unlocked know of the interpreter's end.
void watch_for_exit();

}  // namespace loquor::python
