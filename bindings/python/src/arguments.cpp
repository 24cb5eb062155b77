#include "arguments.h"

#include <cmath>
#include <memory>
#include <utility>

#include "errors.h"
#include "handles.h"

namespace loquor::python {

namespace {

std::string type_name(py::handle value) {
  return py::cast<std::string>(py::type::of(value).attr("__name__"));
}

std::int32_t checked_id(std::int64_t id, std::size_t index) {
  if (!std::in_range<std::int32_t>(id))
    fail(Code::invalid_argument, "token ids: found " + std::to_string(id) + " at index " +
                                     std::to_string(index) + ", expected 32-bit integers");
  return static_cast<std::int32_t>(id);
}

std::int64_t integer_of(py::handle element, std::size_t index) {
  int overflow = 0;
  const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(element.ptr()));
  if (!number) {
    PyErr_Clear();
    throw py::type_error("token ids: found " + type_name(element) + " at index " +
                         std::to_string(index) + ", expected integers");
  }
  const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow != 0)
    fail(Code::invalid_argument,
         "token ids: found an integer of more than 64 bits at index " + std::to_string(index));
  return value;
}

Ids ids_of_array(const py::array& array) {
  const char kind = array.dtype().kind();
  if (array.ndim() != 1)
    fail(Code::invalid_argument, "token ids: found an array of " + std::to_string(array.ndim()) +
                                     " dimensions, expected 1");
  if (kind != 'i' && kind != 'u' && array.size() != 0)
    throw py::type_error("token ids: found an array of " +
                         py::cast<std::string>(py::str(array.dtype())) + ", expected integers");
  const auto wide = py::array_t<std::int64_t, py::array::forcecast>::ensure(array);
  if (!wide) throw py::error_already_set();
  const auto view = wide.unchecked<1>();
  Ids ids;
  ids.values.reserve(static_cast<std::size_t>(view.size()));
  for (py::ssize_t i = 0; i < view.size(); ++i)
    ids.values.push_back(checked_id(view(i), ids.values.size()));
  return ids;
}

std::string quoted_json(py::handle text) {
  static_cast<void>(text_of(text));  // no lone surrogates, which JSON would carry on
  return py::cast<std::string>(py::module_::import("json").attr("dumps")(text));
}

std::string json_of_float(double value) {
  if (std::isnan(value)) return "\"nan\"";
  if (std::isinf(value)) return value < 0 ? "\"-inf\"" : "\"inf\"";
  return py::cast<std::string>(py::repr(py::float_(value)));
}

void write_json(py::handle value, const std::string& what, int depth, std::string& out);

void write_sequence(py::handle sequence, const std::string& what, int depth, std::string& out) {
  const char* separator = "[";
  for (const py::handle element : sequence) {
    out += std::exchange(separator, ",");
    write_json(element, what, depth, out);
  }
  out += *separator == '[' ? "[]" : "]";
}

bool has_tuples_as_keys(const py::dict& object) {
  for (const auto& [key, member] : object) {
    if (py::isinstance<py::tuple>(key)) return true;
  }
  return false;
}

void write_object(const py::dict& object, const std::string& what, int depth, std::string& out) {
  if (has_tuples_as_keys(object)) return write_sequence(object.attr("items")(), what, depth, out);
  const char* separator = "{";
  for (const auto& [key, member] : object) {
    out += std::exchange(separator, ",");
    out += quoted_json(py::str(key)) + ":";
    write_json(member, what, depth, out);
  }
  out += *separator == '{' ? "{}" : "}";
}

void write_json(py::handle value, const std::string& what, int depth, std::string& out) {
  constexpr int kMostDepth = 100;
  if (depth > kMostDepth) fail(Code::invalid_argument, what + ": nested too deeply");
  if (value.is_none()) {
    out += "null";
  } else if (py::isinstance<py::bool_>(value)) {
    out += value.ptr() == Py_True ? "true" : "false";
  } else if (py::isinstance<py::int_>(value)) {
    out += py::cast<std::string>(py::repr(py::int_(py::reinterpret_borrow<py::object>(value))));
  } else if (py::isinstance<py::float_>(value)) {
    out += json_of_float(py::cast<double>(value));
  } else if (py::isinstance<py::str>(value)) {
    out += quoted_json(value);
  } else if (py::isinstance<py::dict>(value)) {
    write_object(py::reinterpret_borrow<py::dict>(value), what, depth + 1, out);
  } else if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
    write_sequence(value, what, depth + 1, out);
  } else if (py::hasattr(value, "tolist")) {
    write_json(value.attr("tolist")(), what, depth + 1, out);
  } else {
    fail(Code::invalid_argument, what + ": found a value of type " + type_name(value) +
                                     ", expected None, bool, int, float, str, list or dict");
  }
}

// A Python object that any thread may let go of.
std::shared_ptr<py::object> kept_object(py::object object) {
  return {new py::object(std::move(object)), [](py::object* kept) {
            const py::gil_scoped_acquire acquire;
            delete kept;
          }};
}

// Tells a callable, from a thread that does not hold the GIL. What it raises goes to
// sys.unraisablehook.
std::function<void(std::int64_t, std::int64_t)> progress_to(py::function callable) {
  const std::shared_ptr<py::function> kept(new py::function(std::move(callable)),
                                           [](py::function* function) {
                                             const py::gil_scoped_acquire locked;
                                             delete function;
                                           });
  return [kept](std::int64_t done, std::int64_t total) {
    const py::gil_scoped_acquire locked;
    try {
      (*kept)(done, total);
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("a loquor progress");
    }
  };
}

}  // namespace

void take_handles(py::dict& keywords, GenerateOptions& options) {
  take_handle(keywords, "cancel", options.cancel);
  const auto take = [&](const char* name, auto&& is_wanted) {
    py::object value = keywords.contains(name) ? py::object(keywords[name]) : py::none();
    if (!is_wanted(value)) return py::object();
    keywords.attr("pop")(name);
    return value;
  };
  if (py::object model = take("assistant_model", [](const py::object& value) {
        return py::isinstance<PyModel>(value);
      })) {
    // From bytes, a model reads what its PyModel keeps.
    options.assistant_model = {new Model(py::cast<const PyModel&>(model).model()),
                               [kept = kept_object(model)](const Model* copy) { delete copy; }};
  }
  if (py::object function = take("prefix_allowed_tokens", [](const py::object& value) {
        return PyCallable_Check(value.ptr()) != 0;
      })) {
    options.prefix_allowed_tokens = [kept =
                                         kept_object(function)](std::span<const std::int32_t> ids) {
      const py::gil_scoped_acquire acquire;
      py::list list;
      for (const std::int32_t id : ids) list.append(id);
      return ids_of((*kept)(list)).values;
    };
  }
}

bool is_text(py::handle value) {
  return py::isinstance<py::str>(value) || py::isinstance<py::bytes>(value);
}

Text text_of(py::handle text) {
  if (py::isinstance<py::bytes>(text))
    return {std::string(py::reinterpret_borrow<py::bytes>(text))};
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (!data) {
    PyErr_Clear();
    fail(Code::invalid_argument, "text: found a lone surrogate, which UTF-8 cannot hold");
  }
  return {std::string(data, static_cast<std::size_t>(size))};
}

Ids ids_of(py::handle ids) {
  if (is_text(ids) || py::isinstance<py::dict>(ids))
    throw py::type_error("token ids: found " + type_name(ids) +
                         ", expected a sequence or an array of integers");
  const bool is_array = py::isinstance<py::array>(ids) || py::hasattr(ids, "__array__");
  if (is_array) return ids_of_array(py::array(py::reinterpret_borrow<py::object>(ids)));
  const auto list = py::reinterpret_steal<py::object>(PySequence_Fast(ids.ptr(), ""));
  if (!list) {
    PyErr_Clear();
    throw py::type_error("token ids: found " + type_name(ids) +
                         ", expected a sequence or an array of integers");
  }
  Ids result;
  for (const py::handle element : list) {
    const std::size_t index = result.values.size();
    result.values.push_back(checked_id(integer_of(element, index), index));
  }
  return result;
}

std::string json_text(py::handle value, const std::string& what) {
  std::string out;
  write_json(value, what, 0, out);
  return out;
}

std::string options_json(const py::dict& keywords) {
  std::string json = "{";
  for (const auto& [key, value] : keywords) {
    if (json.size() > 1) json += ",";
    json += quoted_json(key) + ":";
    json += json_text(value, "option " + py::cast<std::string>(py::str(key)));
  }
  return json + "}";
}

RenderOptions take_render_options(py::dict& keywords) {
  py::dict render;
  for (const OptionDescription& option : describe_options("render")) {
    if (keywords.contains(option.name.c_str()))
      render[option.name.c_str()] = keywords.attr("pop")(option.name);
  }
  return options_of<RenderOptions>(render);
}

void take_handles(py::dict& keywords, InputOptions& options) {
  take_handle(keywords, "cancel", options.cancel);
  if (!keywords.contains("progress")) return;
  const py::object progress = keywords.attr("pop")("progress");
  if (!progress.is_none()) options.progress = progress_to(py::cast<py::function>(progress));
}

}  // namespace loquor::python
