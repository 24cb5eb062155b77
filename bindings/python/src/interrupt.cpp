#include "interrupt.h"

#include <pybind11/pybind11.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "unlocked.h"

namespace py = pybind11;

namespace loquor::python {

namespace {

bool on_main_thread() {
  const py::object main = py::module_::import("threading").attr("main_thread")().attr("ident");
  return main.equal(py::int_(PyThread_get_thread_ident()));
}

// A call on a thread of its own.
class Running {
 public:
  explicit Running(const std::function<void()>& call) : thread_([this, &call] { run(call); }) {}
  ~Running() { thread_.join(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool ended_within(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return change_.wait_for(lock, time, [this] { return ended_; });
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void run(const std::function<void()>& call) {
    try {
      call();
    } catch (...) {
      error_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    change_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable change_;
  bool ended_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace

void run_interruptible(const Cancel& cancel, const std::function<void()>& call) {
  if (!on_main_thread()) {
    const Unlocked unlocked;
    call();
    return;
  }
  std::optional<py::error_already_set> raised;
  bool is_ours = false;  // we set the caller's Cancel, and take that back
  {
    const Unlocked unlocked;
    Running running(call);
    while (!running.ended_within(std::chrono::milliseconds(20))) {
      const py::gil_scoped_acquire acquire;
      if (PyErr_CheckSignals() == 0) continue;
      raised.emplace();
      if (!cancel.cancelled()) {
        is_ours = true;
        cancel.cancel();
      }
    }
    if (!raised) running.rethrow();
  }
  if (is_ours) cancel.reset();
  if (raised) throw py::error_already_set(*raised);
}

}  // namespace loquor::python
