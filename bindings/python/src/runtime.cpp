// Runtime and Cancel.
#include "loquor/runtime.hpp"

#include "arguments.h"
#include "handles.h"

namespace loquor::python {

namespace {

// Lines of any thread go to a callable of Python, which is called and let go with the GIL held.
std::function<void(LogLevel, std::string_view)> log_to(py::function callable) {
  const std::shared_ptr<py::function> held(new py::function(std::move(callable)),
                                           [](py::function* function) {
                                             const py::gil_scoped_acquire acquire;
                                             delete function;
                                           });
  return [held](LogLevel level, std::string_view line) {
    const py::gil_scoped_acquire acquire;
    constexpr const char* kNames[] = {"debug", "info", "warning"};
    try {
      (*held)(kNames[static_cast<int>(level)], line);
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("a loquor log");
    }
  };
}

Runtime new_runtime(const py::object& log, const py::kwargs& keywords) {
  auto options = options_of<RuntimeOptions>(keywords);
  if (!log.is_none()) options.log = log_to(py::cast<py::function>(log));
  const Unlocked unlocked;
  return Runtime(std::move(options));
}

py::tuple runtime_reduce(const Runtime& runtime) {
  py::dict options;
  options["threads"] = runtime.threads();
  options["memory_limit"] = runtime.memory_limit();
  return py::make_tuple(py::module_::import("loquor._results").attr("call_with"),
                        py::make_tuple(py::type::of<Runtime>(), py::tuple(), options));
}

std::string runtime_repr(const Runtime& runtime) {
  return "<loquor.Runtime threads=" + std::to_string(runtime.threads()) + ">";
}

}  // namespace

void add_runtime(py::module_& module) {
  py::class_<Runtime>(module, "Runtime",
                      "Threads, log and memory limit that models share.\n\nKeywords: threads, "
                      "memory_limit (see loquor.describe('runtime')); log: a callable that is "
                      "given a level and a line.")
      .def(py::init(&new_runtime), py::kw_only(), py::arg("log") = py::none())
      .def_static("shared", &Runtime::shared, "The runtime of models that are given none.")
      .def_property_readonly("threads", &Runtime::threads)
      .def_property_readonly("memory_limit", &Runtime::memory_limit)
      .def_property_readonly("memory_used", &Runtime::memory_used,
                             "Bytes that weights, caches and workspaces take at present.")
      .def("__reduce__", &runtime_reduce)
      .def("__repr__", &runtime_repr);

  py::class_<Cancel>(module, "Cancel", "Ends a long call from another thread.")
      .def(py::init<>())
      .def("cancel", &Cancel::cancel)
      .def("reset", &Cancel::reset)
      .def_property_readonly("cancelled", &Cancel::cancelled);
}

}  // namespace loquor::python
