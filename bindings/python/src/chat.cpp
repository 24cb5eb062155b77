// Chat.
#include "loquor/chat.hpp"

#include "arguments.h"
#include "handles.h"
#include "interrupt.h"
#include "loquor/json.hpp"
#include "results.h"

namespace loquor::python {

namespace {

PyChat new_chat(const py::object& model, const py::kwargs& keywords) {
  const Model value = py::cast<const PyModel&>(model).model();
  auto options = options_of<ChatOptions>(keywords);
  if (!options.session.cancel) options.session.cancel.emplace();
  return {model, std::make_shared<Guarded<Chat>>("the chat", Chat(value, options)),
          *options.session.cancel};
}

PyGeneration stream_chat(const PyChat& self, const Text& text, const py::kwargs& keywords) {
  auto options = options_of<GenerateOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  const std::shared_ptr<Guarded<Chat>> chat = self.chat();
  const Lease lease(*chat);
  const auto start = [&] {
    const Unlocked unlocked;
    return chat->value.stream(text.value, options);
  };
  return new_generation(self.model, chat, start(), *options.cancel);
}

py::object send(const PyChat& self, const Text& text, const py::kwargs& keywords) {
  auto options = options_of<GenerateOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  const std::shared_ptr<Guarded<Chat>> chat = self.chat();
  const Lease lease(*chat);
  return output_object(
      interruptible(*options.cancel, [&] { return chat->value.send(text.value, options); }));
}

py::object messages(const PyChat& self) {
  const std::shared_ptr<Guarded<Chat>> chat = self.chat();
  const Lease lease(*chat);
  return from_json(to_json(chat->value.messages()));
}

void add(const PyChat& self, const py::dict& message) {
  const std::shared_ptr<Guarded<Chat>> chat = self.chat();
  const Lease lease(*chat);
  chat->value.add(message_from_json(json_text(message, "message")));
}

void clear(const PyChat& self) {
  const std::shared_ptr<Guarded<Chat>> chat = self.chat();
  const Lease lease(*chat);
  chat->value.clear();
}

}  // namespace

void add_chat(py::module_& module) {
  py::class_<PyChat>(module, "Chat", "A conversation that keeps its history within the context.")
      .def("send", &send, py::arg("text"), "Adds a user turn and gives the answer: an Output.")
      .def("stream", &stream_chat, py::arg("text"), "send(), piece by piece.")
      .def("add", &add, py::arg("message"), "Adds any message (a dict) without an answer.")
      .def_property_readonly("messages", &messages, "The history: a list of dicts.")
      .def("clear", &clear, "Forgets all but the system message.")
      .def_readonly("model", &PyChat::model)
      .def("close", [](PyChat& self) { self.value.reset(); })
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](PyChat& self, const py::args&) { self.value.reset(); });
  module.attr("Model").attr("chat") =
      py::cpp_function(&new_chat, py::name("chat"), py::is_method(module.attr("Model")),
                       "A new Chat. Keywords: see loquor.describe('chat').");
}

}  // namespace loquor::python
