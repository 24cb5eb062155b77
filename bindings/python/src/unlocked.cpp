#include "unlocked.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace py = pybind11;

namespace loquor::python {

namespace {

std::atomic<bool> exiting{false};
std::thread::id exiting_thread;  // written before `exiting`
std::atomic<int> returning{0};   // threads that wait for the GIL

// Threads that saw no exit get the GIL first; daemon threads that come later wait for ever.
void on_exit() {
  exiting_thread = std::this_thread::get_id();
  exiting = true;
  constexpr int kMostWaits =
      1000;  // a process forked at a bad moment has waiters that are not there
  for (int i = 0; returning > 0 && i < kMostWaits; ++i) {
    PyThreadState* state = PyEval_SaveThread();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    PyEval_RestoreThread(state);
  }
}

}  // namespace

Unlocked::~Unlocked() {
  ++returning;
  if (exiting && std::this_thread::get_id() != exiting_thread) {
    --returning;
    while (true) std::this_thread::sleep_for(std::chrono::hours(1));
  }
  PyEval_RestoreThread(state_);
  --returning;
}

void watch_for_exit() {
  py::module_::import("atexit").attr("register")(py::cpp_function(&on_exit));
}

}  // namespace loquor::python
