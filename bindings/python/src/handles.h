// What stands behind the classes that hold a model or serve one thread at a time.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "errors.h"
#include "loquor/chat.hpp"
#include "loquor/generation.hpp"
#include "loquor/sampler.hpp"
#include "loquor/session.hpp"
#include "unlocked.h"

namespace loquor::python {

namespace py = pybind11;

/// Something that one thread at a time may use.
struct Exclusive {
  explicit Exclusive(const char* noun) : what(noun) {}
  std::atomic<bool> taken{false};
  const char* what;
};

template <class Value>
struct Guarded : Exclusive {
  Guarded(const char* noun, Value initial) : Exclusive(noun), value(std::move(initial)) {}
  Value value;
};

/// Takes an Exclusive for a call; throws Error(busy) where another thread has it.
class Lease {
 public:
  explicit Lease(Exclusive& exclusive) : exclusive_(exclusive) {
    if (exclusive_.taken.exchange(true, std::memory_order_acquire))
      fail(Code::busy, std::string(exclusive_.what) + " is in use by another thread");
  }
  ~Lease() { exclusive_.taken.store(false, std::memory_order_release); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  Exclusive& exclusive_;
};

/// The members below are read and changed with the GIL held; a call works on copies of the shared
/// pointers, so that close() in another thread does not end what it uses.
template <class Pointer>
const Pointer& opened(const Pointer& pointer, const char* what) {
  if (!pointer) fail(Code::invalid_argument, std::string("the ") + what + " is closed");
  return pointer;
}

struct PyModel {
  py::object source;  // a path, or bytes that the model reads
  py::dict options;   // as given, for pickle
  std::optional<py::buffer_info> bytes;
  std::optional<Model> value;

  const Model& model() const { return *opened(value, "model"); }
};

struct PySession {
  py::object model;  // the PyModel
  std::shared_ptr<Guarded<Session>> value;
  Cancel cancel;  // what the session was given

  const std::shared_ptr<Guarded<Session>>& session() const { return opened(value, "session"); }
};

struct PyBatch {
  py::object model;
  std::shared_ptr<Guarded<Batch>> value;
  std::vector<PySession> sessions{};  // that were added
};

struct PyChat {
  py::object model;
  std::shared_ptr<Guarded<Chat>> value;
  Cancel cancel;

  const std::shared_ptr<Guarded<Chat>>& chat() const { return opened(value, "chat"); }
};

struct PyGeneration {
  py::object model;
  std::shared_ptr<Exclusive> owner;  // the session or chat that it works in, or null
  std::shared_ptr<Guarded<Generation>> value;
  Cancel cancel;
};

PyGeneration new_generation(py::object model, std::shared_ptr<Exclusive> owner,
                            Generation generation, const Cancel& cancel);

/// Model.generate, Model.generation and Model.stream.
py::object generate(const py::object& model, const py::object& prompt, const py::object& messages,
                    py::kwargs options);
PyGeneration generation(const py::object& model, const py::object& prompt,
                        const py::object& messages, py::kwargs options);

/// The tasks of encoders, as methods.
void add_tasks(py::class_<PyModel>& model);
void add_runtime(py::module_& module);
void add_text(py::module_& module);
void add_sampler(py::module_& module);
void add_model(py::module_& module);
void add_session(py::module_& module);
void add_generation(py::module_& module);
void add_chat(py::module_& module);

}  // namespace loquor::python
