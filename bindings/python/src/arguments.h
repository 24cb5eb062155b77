// What Python callers give: text, token ids, messages, options.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loquor/chat_template.hpp"
#include "loquor/options.hpp"
#include "loquor/options_json.hpp"
#include "loquor/tasks.hpp"

namespace loquor::python {

namespace py = pybind11;

/// A str, or bytes of UTF-8 (which the library checks).
struct Text {
  std::string value;
};

/// Token ids: a list, tuple, range, NumPy array or anything else of one dimension that holds
/// integers.
struct Ids {
  std::vector<std::int32_t> values;
};

bool is_text(py::handle value);
Text text_of(py::handle text);
Ids ids_of(py::handle ids);

/// The value as JSON. NumPy's numbers and arrays count as Python's; infinity and NaN, which JSON
/// lacks, become strings ("-inf" bans a token in logit_bias), and a dict with tuples as keys a list
/// of pairs (sequence_bias). Throws Error(invalid_argument) with
/// `what` for anything that JSON does not have.
std::string json_text(py::handle value, const std::string& what);

/// Moves a handle (a Cancel, a Runtime) out of the keywords into its option, so that JSON can carry
/// the rest.
template <class Handle>
void take_handle(py::dict& keywords, const char* name, std::optional<Handle>& option) {
  if (!keywords.contains(name) || !py::isinstance<Handle>(keywords[name])) return;
  option = py::cast<Handle>(keywords[name]);
  keywords.attr("pop")(name);
}
inline void take_handles(py::dict& keywords, ModelOptions& options) {
  take_handle(keywords, "cancel", options.cancel);
  take_handle(keywords, "runtime", options.runtime);
}
inline void take_handles(py::dict& keywords, ChatOptions& options) {
  take_handle(keywords, "cancel", options.session.cancel);
}
/// Of a task: "cancel", and "progress", a callable.
void take_handles(py::dict& keywords, InputOptions& options);
/// Also assistant_model, a Model, and prefix_allowed_tokens, which is called with the GIL held.
void take_handles(py::dict& keywords, GenerateOptions& options);
template <class Options>
void take_handles(py::dict& keywords, Options& options) {
  if constexpr (requires { options.cancel; }) take_handle(keywords, "cancel", options.cancel);
  if constexpr (requires { options.input; }) take_handles(keywords, options.input);
  if constexpr (requires { options.generate; }) take_handles(keywords, options.generate);
}

std::string options_json(const py::dict& keywords);

/// The options of a call. Throws Error(invalid_argument) for a name that is not known or a value
/// that does not fit.
template <class Options>
Options options_of(const py::dict& keywords) {
  Options options;
  py::dict rest = keywords.attr("copy")();
  take_handles(rest, options);
  set_json(options, options_json(rest));
  return options;
}

/// Moves the options of the chat template out of the keywords of a call that also generates.
RenderOptions take_render_options(py::dict& keywords);

}  // namespace loquor::python

namespace pybind11::detail {

template <>
struct type_caster<loquor::python::Text> {
  PYBIND11_TYPE_CASTER(loquor::python::Text, const_name("str"));
  bool load(handle source, bool) {
    if (!loquor::python::is_text(source)) return false;
    value = loquor::python::text_of(source);
    return true;
  }
};

template <>
struct type_caster<loquor::python::Ids> {
  PYBIND11_TYPE_CASTER(loquor::python::Ids, const_name("Ids"));
  bool load(handle source, bool) {
    value = loquor::python::ids_of(source);
    return true;
  }
};

}  // namespace pybind11::detail
