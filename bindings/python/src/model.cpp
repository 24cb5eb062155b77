// Model.
#include "loquor/model.hpp"

#include <filesystem>

#include "arguments.h"
#include "handles.h"
#include "interrupt.h"
#include "loquor/json.hpp"
#include "results.h"

namespace loquor::python {

namespace {

// A path as UTF-8, made absolute where it exists, so that a pickled model is found from elsewhere.
std::string path_of(const py::object& source) {
  const py::object path = py::module_::import("os").attr("fsdecode")(source);
  std::string text = text_of(path).value;
  std::error_code error;
  if (!std::filesystem::exists(text, error)) return text;
  return std::filesystem::absolute(text, error).string();
}

bool is_path(const py::object& source) {
  return py::isinstance<py::str>(source) || py::hasattr(source, "__fspath__");
}

PyModel open_model(const py::object& source, const py::kwargs& keywords) {
  auto options = options_of<ModelOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  PyModel result{source, keywords, {}, {}};
  if (is_path(source)) {
    const std::string path = path_of(source);
    result.source = py::str(path);
    result.value = interruptible(*options.cancel, [&] { return Model(path, options); });
  } else {
    if (!PyObject_CheckBuffer(source.ptr()))
      throw py::type_error("source: expected a path, or the bytes of a .gguf file");
    result.bytes = py::reinterpret_borrow<py::buffer>(source).request();
    const std::span data(static_cast<const std::byte*>(result.bytes->ptr),
                         static_cast<std::size_t>(result.bytes->size * result.bytes->itemsize));
    result.value =
        interruptible(*options.cancel, [&] { return Model::from_memory(data, options); });
  }
  return result;
}

py::object inspect(const py::object& path, const py::kwargs& keywords) {
  const auto options = options_of<ModelOptions>(keywords);
  const std::string text = path_of(path);
  const auto info = [&] {
    const Unlocked unlocked;
    return Model::inspect(text, options);
  };
  return from_json(to_json(info()));
}

py::array_t<float> logits(const PyModel& self, const Ids& ids, const std::optional<Ids>& decoder,
                          std::optional<std::int64_t> last, const std::optional<Cancel>& given) {
  const Model model = self.model();
  const Cancel cancel = given.value_or(Cancel());
  return array_of(interruptible(cancel, [&] {
    return decoder ? model.logits(ids.values, decoder->values, last, cancel)
                   : model.logits(ids.values, last, cancel);
  }));
}

py::list hidden_states(const PyModel& self, const Ids& ids, const std::optional<Ids>& decoder,
                       const std::optional<Cancel>& given) {
  const Model model = self.model();
  const Cancel cancel = given.value_or(Cancel());
  auto states = interruptible(cancel, [&] {
    return decoder ? model.hidden_states(ids.values, decoder->values, cancel)
                   : model.hidden_states(ids.values, cancel);
  });
  py::list list;
  for (auto& [rows, width, values] : states)
    list.append(array_of(std::move(values), {rows, width}));
  return list;
}

py::list list_of(std::vector<AttentionWeights>&& layers) {
  py::list list;
  for (auto& [heads, rows, positions, values] : layers)
    list.append(array_of(std::move(values), {heads, rows, positions}));
  return list;
}

py::list attentions(const PyModel& self, const Ids& ids, const std::optional<Ids>& decoder,
                    const std::optional<Cancel>& given) {
  const Model model = self.model();
  const Cancel cancel = given.value_or(Cancel());
  return list_of(interruptible(cancel, [&] {
    return decoder ? model.attentions(ids.values, decoder->values, cancel)
                   : model.attentions(ids.values, cancel);
  }));
}

py::list cross_attentions(const PyModel& self, const Ids& ids, const Ids& decoder,
                          const std::optional<Cancel>& given) {
  const Model model = self.model();
  const Cancel cancel = given.value_or(Cancel());
  return list_of(interruptible(
      cancel, [&] { return model.cross_attentions(ids.values, decoder.values, cancel); }));
}

py::array_t<float> log_probabilities(const PyModel& self, const Ids& ids,
                                     const std::optional<Cancel>& given) {
  const Model model = self.model();
  const Cancel cancel = given.value_or(Cancel());
  auto values = interruptible(cancel, [&] { return model.log_probabilities(ids.values, cancel); });
  const auto count = static_cast<std::int64_t>(values.size());
  return array_of(std::move(values), {count});
}

// A model is pickled as what it was opened with; a Cancel stays behind.
py::tuple reduce(const PyModel& self) {
  py::dict options = self.options.attr("copy")();
  options.attr("pop")("cancel", py::none());
  return py::make_tuple(
      py::module_::import("loquor._results").attr("call_with"),
      py::make_tuple(py::type::of<PyModel>(), py::make_tuple(self.source), options));
}

std::string repr(const PyModel& self) {
  const std::string name = self.bytes ? "bytes" : py::cast<std::string>(py::repr(self.source));
  if (!self.value) return "<loquor.Model " + name + ", closed>";
  const ModelInfo& info = self.value->info();
  return "<loquor.Model " + name + ", " + info.architecture + ", " + info.compute_type + ", " +
         std::to_string(info.parameters) + " parameters>";
}

void close(PyModel& self) {
  std::optional<Model> last = std::exchange(self.value, {});
  const Unlocked unlocked;
  last.reset();
}

void add_passes(py::class_<PyModel>& model) {
  model
      .def("logits", &logits, py::arg("ids"), py::arg("decoder_ids") = py::none(), py::kw_only(),
           py::arg("last") = py::none(), py::arg("cancel") = py::none(),
           "Logits (T, V) at every position of ids, or at the last `last` of them; of an "
           "encoder-decoder at every position of decoder_ids. An encoder's head may pool them: "
           "(1, labels).")
      .def("hidden_states", &hidden_states, py::arg("ids"), py::arg("decoder_ids") = py::none(),
           py::kw_only(), py::arg("cancel") = py::none(),
           "A list of arrays (T, C): the embedding output, then each block's; the last one is "
           "after the final norm. Of an encoder-decoder the encoder's, or the decoder's where "
           "decoder_ids are given.")
      .def("attentions", &attentions, py::arg("ids"), py::arg("decoder_ids") = py::none(),
           py::kw_only(), py::arg("cancel") = py::none(),
           "A list of arrays (H, T, T), one a layer: how each head spreads each row over the "
           "positions, after the softmax. Of an encoder-decoder the encoder's, or the decoder's "
           "where decoder_ids are given.")
      .def("cross_attentions", &cross_attentions, py::arg("ids"), py::arg("decoder_ids"),
           py::kw_only(), py::arg("cancel") = py::none(),
           "A list of arrays (H, len(decoder_ids), len(ids)): how the layers of an "
           "encoder-decoder's decoder look at the encoder's output.")
      .def("log_probabilities", &log_probabilities, py::arg("ids"), py::arg("cancel") = py::none(),
           "log p(ids[i] | ids[:i]) for i = 1 ... T - 1: (T - 1,).")
      .def("generate", &generate, py::arg("prompt") = py::none(), py::kw_only(),
           py::arg("messages") = py::none(),
           "Completes raw text (or ids); gives an Output. With messages=[...] it answers them "
           "through the model's chat template. A list of prompts gives a list: they are computed "
           "together, and each output is that of a lone call with the seed that it reports (a seed "
           "that is given counts up from the first). Options: see loquor.describe('generate').")
      .def("generation", &generation, py::arg("prompt") = py::none(), py::kw_only(),
           py::arg("messages") = py::none(),
           "generate() as an object: next(), finish(), cancel(), finish_reason, timings, output.")
      .def("stream", &generation, py::arg("prompt") = py::none(), py::kw_only(),
           py::arg("messages") = py::none(),
           "generation(), for loops: for piece in model.stream(...), or async for.");
}

}  // namespace

void add_model(py::module_& module) {
  py::class_<PyModel> model(
      module, "Model",
      "An architecture, its weights and its tokenizer; immutable, for any thread.\n\nOpens a "
      "folder (config.json and safetensors), a .gguf file, the bytes of one, or 'org/name' in the "
      "local Hugging Face cache. Keywords: see loquor.describe('model').");
  model.def(py::init(&open_model), py::arg("source"))
      .def_static("inspect", &inspect, py::arg("path"),
                  "What opening a path would give, without reading the weights: a dict.")
      .def_property_readonly(
          "info", [](const PyModel& m) { return from_json(to_json(m.model().info())); },
          "What the model is and needs: a dict.")
      .def_property_readonly(
          "generation_defaults",
          [](const PyModel& m) { return from_json(to_json(m.model().generation_defaults())); },
          "What the model's generation_config.json sets: a dict.")
      .def_property_readonly("runtime", [](const PyModel& m) { return m.model().runtime(); })
      .def_property_readonly("has_tokenizer",
                             [](const PyModel& m) { return m.model().has_tokenizer(); })
      .def_property_readonly(
          "tokenizer",
          py::cpp_function([](const PyModel& m) { return Tokenizer(m.model().tokenizer()); },
                           py::keep_alive<0, 1>()))
      .def_property_readonly("has_chat_template",
                             [](const PyModel& m) { return m.model().has_chat_template(); })
      .def_property_readonly(
          "chat_template",
          py::cpp_function([](const PyModel& m) { return ChatTemplate(m.model().chat_template()); },
                           py::keep_alive<0, 1>()))
      .def("close", &close, "Lets the weights go, once no session of the model is left.")
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](PyModel& self, const py::args&) { close(self); })
      .def("__reduce__", &reduce)
      .def("__repr__", &repr);
  add_passes(model);
  add_tasks(model);
}

}  // namespace loquor::python
