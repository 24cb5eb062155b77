// The module loquor._loquor: loquor's C++ API for Python.
#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "loquor/version.hpp"
#include "unlocked.h"

namespace py = pybind11;

namespace loquor::python {

namespace {

py::list describe(const std::string& kind) {
  py::list list;
  for (const auto& [name, type, choices, default_text, description] : describe_options(kind)) {
    py::dict option;
    option["name"] = name;
    option["type"] = type;
    option["choices"] = choices;
    option["default"] = default_text;
    option["description"] = description;
    list.append(option);
  }
  return list;
}

}  // namespace

}  // namespace loquor::python

PYBIND11_MODULE(_loquor, module) {
  using namespace loquor::python;
  module.doc() = "Transformer language models: see loquor.Model.";
  module.attr("__version__") = loquor::version();
  module.def("describe", &describe, py::arg("kind"),
             "The options of a kind of call: 'runtime', 'model', 'session', 'generate', 'chat', "
             "'encode' or 'render'.");
  // pybind11 imports NumPy at its first use, under a lock that two threads can wait for in turns.
  pybind11::dtype::of<float>();
  watch_for_exit();
  add_errors(module);
  add_runtime(module);
  add_text(module);
  add_sampler(module);
  add_model(module);
  add_session(module);
  add_generation(module);
  add_chat(module);
}
