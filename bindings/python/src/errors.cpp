#include "errors.h"

#include <array>
#include <new>

namespace py = pybind11;

namespace loquor::python {

namespace {

struct Kind {
  Code code;
  const char* code_name;
  const char* class_name;
  PyObject* builtin;  // what Python's own code would raise; null for none
  const char* doc;
};

std::array<Kind, 10> kinds() {
  return {{
      {Code::invalid_argument, "invalid_argument", "InvalidArgument", PyExc_ValueError,
       "A value, option name, token id or text that the call cannot take."},
      {Code::not_found, "not_found", "NotFound", PyExc_FileNotFoundError,
       "No such file, folder, or model in the local cache."},
      {Code::invalid_file, "invalid_file", "InvalidFile", PyExc_ValueError,
       "A file that is truncated, malformed, or disagrees with itself."},
      {Code::unsupported, "unsupported", "Unsupported", PyExc_NotImplementedError,
       "Well-formed, but asks for something this build does not do."},
      {Code::out_of_memory, "out_of_memory", "OutOfMemory", PyExc_MemoryError,
       "The system's memory or the runtime's memory_limit is spent."},
      {Code::context_full, "context_full", "ContextFull", PyExc_ValueError,
       "More positions than the model or the session has."},
      {Code::cancelled, "cancelled", "Cancelled", nullptr,
       "A Cancel ended the call; everything is as before it."},
      {Code::busy, "busy", "Busy", PyExc_RuntimeError,
       "Another thread is inside a call on the same object."},
      {Code::io, "io", "ReadError", PyExc_OSError, "The system failed to read."},
      {Code::internal, "internal", "InternalError", PyExc_RuntimeError,
       "A defect in loquor. Please report it."},
  }};
}

PyObject* new_class(py::module_& module, const char* name, const char* doc, py::tuple bases,
                    const char* code) {
  py::dict members;
  members["code"] = code ? py::object(py::str(code)) : py::none();
  const std::string full_name = std::string("loquor.") + name;
  PyObject* made = PyErr_NewExceptionWithDoc(full_name.c_str(), doc, bases.ptr(), members.ptr());
  if (!made) throw py::error_already_set();
  module.attr(name) = py::reinterpret_borrow<py::object>(made);
  return made;  // lives as long as the process
}

std::array<PyObject*, 16> class_of_code{};

void raise(Code code, const char* message) {
  const auto index = static_cast<std::size_t>(code);
  PyObject* found = index < class_of_code.size() ? class_of_code[index] : nullptr;
  PyErr_SetString(found ? found : class_of_code[0], message);
}

void translate(std::exception_ptr exception) {
  try {
    if (exception) std::rethrow_exception(exception);
  } catch (const Error& error) {
    raise(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    raise(Code::out_of_memory, "out of memory");
  }
}

}  // namespace

void add_errors(py::module_& module) {
  const py::handle exception(PyExc_Exception);
  PyObject* base = new_class(module, "Error", "What loquor raises; `code` says which kind.",
                             py::make_tuple(exception), nullptr);
  class_of_code[0] = base;
  for (const Kind& kind : kinds()) {
    const auto bases = kind.builtin ? py::make_tuple(py::handle(base), py::handle(kind.builtin))
                                    : py::make_tuple(py::handle(base));
    class_of_code[static_cast<std::size_t>(kind.code)] =
        new_class(module, kind.class_name, kind.doc, bases, kind.code_name);
  }
  py::register_exception_translator(translate);
}

}  // namespace loquor::python
