// Generation, and the calls of Model that make one.
#include "loquor/generation.hpp"

#include "arguments.h"
#include "handles.h"
#include "interrupt.h"
#include "results.h"

namespace loquor::python {

namespace {

// A prompt: text, or ids.
Generation start(const Model& model, const py::object& prompt, const GenerateOptions& options) {
  if (prompt.is_none()) throw py::type_error("generate: expected a prompt, or messages=[...]");
  if (is_text(prompt)) {
    const Text text = text_of(prompt);
    const Unlocked unlocked;
    return model.stream(text.value, options);
  }
  const Ids ids = ids_of(prompt);
  return model.stream(ids.values, options);
}

Generation start_messages(const Model& model, const py::object& messages,
                          const RenderOptions& render, const GenerateOptions& options) {
  const std::string json = json_text(messages, "messages");
  const Unlocked unlocked;
  return model.stream(model.chat_template().render_json(json, render), options);
}

bool is_list_of_prompts(const py::object& prompt) {
  if (!py::isinstance<py::list>(prompt) && !py::isinstance<py::tuple>(prompt)) return false;
  const auto list = py::reinterpret_borrow<py::sequence>(prompt);
  if (list.empty()) return false;
  const py::object first = list[0];
  return is_text(first) || (PySequence_Check(first.ptr()) && !PyIndex_Check(first.ptr()));
}

// Texts, or lists of ids.
py::list generate_list(const Model& model, const py::sequence& prompts,
                       const GenerateOptions& options) {
  std::vector<std::string> texts;
  std::vector<std::vector<std::int32_t>> ids;
  const bool are_texts = is_text(prompts[0]);
  for (const py::handle prompt : prompts) {
    if (are_texts != is_text(prompt))
      throw py::type_error("generate: found texts and ids in one list, expected one of them");
    if (are_texts)
      texts.push_back(text_of(prompt).value);
    else
      ids.push_back(ids_of(prompt).values);
  }
  const auto outputs = interruptible(*options.cancel, [&] {
    return are_texts ? model.generate(texts, options) : model.generate(ids, options);
  });
  py::list list;
  for (const Output& output : outputs) list.append(output_object(output));
  return list;
}

template <class Call>
auto with_generation(const PyGeneration& self, Call&& call) {
  const std::shared_ptr<Guarded<Generation>> generation = self.value;
  const Lease lease(*generation);
  std::optional<Lease> owner;
  if (self.owner) owner.emplace(*self.owner);
  return interruptible(self.cancel, [&] { return call(generation->value); });
}

py::object next(const PyGeneration& self) {
  const auto piece = with_generation(self, [](Generation& g) { return g.next(); });
  return piece ? piece_object(*piece) : py::none();
}

py::object iterate(const PyGeneration& self) {
  py::object piece = next(self);
  if (piece.is_none()) throw py::stop_iteration();
  return piece;
}

py::object finish(const PyGeneration& self) {
  return output_object(with_generation(self, [](Generation& g) { return g.finish(); }));
}

PyGeneration continue_session(const PySession& session, const py::object& prompt,
                              const py::kwargs& keywords) {
  auto options = options_of<GenerateOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  const std::shared_ptr<Guarded<Session>> owner = session.session();
  const Lease lease(*owner);
  auto generation = is_text(prompt) ? Generation(owner->value, text_of(prompt).value, options)
                                    : Generation(owner->value, ids_of(prompt).values, options);
  return new_generation(session.model, owner, std::move(generation), *options.cancel);
}

}  // namespace

PyGeneration new_generation(py::object model, std::shared_ptr<Exclusive> owner,
                            Generation generation, const Cancel& cancel) {
  return {std::move(model), std::move(owner),
          std::make_shared<Guarded<Generation>>("the generation", std::move(generation)), cancel};
}

PyGeneration generation(const py::object& model, const py::object& prompt,
                        const py::object& messages, py::kwargs keywords) {
  const Model value = py::cast<const PyModel&>(model).model();
  const bool has_messages = !messages.is_none();
  if (has_messages && !prompt.is_none())
    throw py::type_error("generate: found a prompt and messages, expected one of them");
  const RenderOptions render = has_messages ? take_render_options(keywords) : RenderOptions();
  auto options = options_of<GenerateOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  return new_generation(model, nullptr,
                        has_messages ? start_messages(value, messages, render, options)
                                     : start(value, prompt, options),
                        *options.cancel);
}

py::object generate(const py::object& model, const py::object& prompt, const py::object& messages,
                    py::kwargs keywords) {
  if (!messages.is_none() || !is_list_of_prompts(prompt))
    return finish(generation(model, prompt, messages, keywords));
  const Model value = py::cast<const PyModel&>(model).model();
  auto options = options_of<GenerateOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  return generate_list(value, py::reinterpret_borrow<py::sequence>(prompt), options);
}

void add_generation(py::module_& module) {
  py::class_<PyGeneration>(module, "Generation",
                           "A text in the making: iterate for its pieces; one thread at a time.")
      .def(py::init(&continue_session), py::arg("session"), py::arg("prompt"),
           "Continues a session with a further prompt (text or ids).")
      .def("next", &next, "The next piece, or None at the end. The first call reads the prompt.")
      .def("finish", &finish, "Runs to the end and gives the whole Output.")
      .def(
          "cancel", [](const PyGeneration& self) { self.value->value.cancel(); },
          "Ends it before the next token; any thread may call this.")
      .def_property_readonly("finish_reason",
                             [](const PyGeneration& self) {
                               return std::string(name(self.value->value.finish_reason()));
                             })
      .def_property_readonly("timings",
                             [](const PyGeneration& self) {
                               const Lease lease(*self.value);
                               return timings_object(self.value->value.timings());
                             })
      .def_property_readonly(
          "output",
          [](const PyGeneration& self) {
            const Lease lease(*self.value);
            return output_object(self.value->value.output());
          },
          "What has been generated so far.")
      .def_property_readonly(
          "live",
          [](const PyGeneration& self) {
            const Lease lease(*self.value);
            return self.value->value.live();
          },
          "The ids, prompt and output, of each sequence that goes on.")
      .def(
          "allow",
          [](const PyGeneration& self, std::size_t index, const Ids& ids) {
            const Lease lease(*self.value);
            self.value->value.allow(index, ids.values);
          },
          py::arg("index"), py::arg("ids"),
          "Lets only these ids follow live[index] at the next step.")
      .def("__iter__", [](const py::object& self) { return self; })
      .def("__next__", &iterate)
      .def("__aiter__", [](const py::object& self) {
        return py::module_::import("loquor._results").attr("pieces")(self);
      });
}

}  // namespace loquor::python
