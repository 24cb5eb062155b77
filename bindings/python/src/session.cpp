// Session and Batch.
#include "loquor/session.hpp"

#include "arguments.h"
#include "handles.h"
#include "interrupt.h"
#include "results.h"

namespace loquor::python {

namespace {

constexpr const char* kSession = "the session";

PySession new_session(const py::object& model, const py::kwargs& keywords) {
  const Model value = py::cast<const PyModel&>(model).model();
  auto options = options_of<SessionOptions>(keywords);
  if (!options.cancel) options.cancel.emplace();
  return {model, std::make_shared<Guarded<Session>>(kSession, Session(value, options)),
          *options.cancel};
}

// Runs a call on a session that no other thread is in; it looks at the session's Cancel.
template <class Call>
auto with_session(const PySession& self, Call&& call) {
  const std::shared_ptr<Guarded<Session>> session = self.session();
  const Lease lease(*session);
  return interruptible(self.cancel, [&] { return call(session->value); });
}

py::array_t<float> append(const PySession& self, const Ids& ids, std::optional<std::int64_t> last) {
  Logits logits = with_session(
      self, [&](Session& session) { return session.append_logits(ids.values, last.value_or(1)); });
  if (last) return array_of(std::move(logits));
  return array_of(std::move(logits.values), {logits.vocabulary});
}

PySession fork(const PySession& self) {
  const std::shared_ptr<Guarded<Session>> session = self.session();
  const Lease lease(*session);
  return {self.model, std::make_shared<Guarded<Session>>(kSession, session->value.fork()),
          self.cancel};
}

py::bytes save(const PySession& self) {
  return with_session(self, [](Session& session) { return session.save(); });
}

void restore(const PySession& self, const py::buffer& state) {
  const py::buffer_info bytes = state.request();
  const std::string_view data(static_cast<const char*>(bytes.ptr),
                              static_cast<std::size_t>(bytes.size * bytes.itemsize));
  with_session(self, [&](Session& session) { session.restore(data); });
}

template <auto Member>
auto property(const PySession& self) {
  const std::shared_ptr<Guarded<Session>> session = self.session();
  const Lease lease(*session);
  return (session->value.*Member)();
}

// A Batch refers to its sessions, which Python may close before step().
void add_to_batch(PyBatch& self, const PySession& session, const Ids& ids) {
  const Lease lease(*self.value);
  self.sessions.reserve(self.sessions.size() + 1);
  self.value->value.add(session.session()->value, ids.values);
  self.sessions.push_back(session);
}

py::array_t<float> step(PyBatch& self) {
  const std::shared_ptr<Guarded<Batch>> batch = self.value;
  const Lease lease(*batch);
  const std::vector<PySession> sessions = std::exchange(self.sessions, {});
  std::vector<std::unique_ptr<Lease>> leases;
  for (const PySession& session : sessions)
    leases.push_back(std::make_unique<Lease>(*session.value));
  const Cancel cancel = sessions.empty() ? Cancel() : sessions.front().cancel;
  return array_of(interruptible(cancel, [&] { return batch->value.step(); }));
}

}  // namespace

void add_session(py::module_& module) {
  py::class_<PySession>(module, "Session", "One sequence's state; one thread at a time.")
      .def("append", &append, py::arg("ids"), py::arg("last") = py::none(),
           "Reads ids; gives the logits (V,) after them, or (last, V) after each of the last.")
      .def(
          "encode",
          [](const PySession& self, const Ids& ids) {
            with_session(self, [&](Session& session) { session.encode(ids.values); });
          },
          py::arg("ids"),
          "Reads the source of an encoder-decoder, before its decoder's ids, and forgets the rest.")
      .def(
          "rewind",
          [](const PySession& self, std::int64_t n) {
            with_session(self, [&](Session& session) { session.rewind(n); });
          },
          py::arg("n"), "Forgets everything from position n on.")
      .def("fork", &fork, "A second session with the same past; nothing is copied.")
      .def("save", &save, "The state as bytes.")
      .def("restore", &restore, py::arg("state"), "Takes over a state of the same model.")
      .def_property_readonly("position", &property<&Session::position>, "Ids read.")
      .def_property_readonly("context_length", &property<&Session::context_length>)
      .def_property_readonly("ids", &property<&Session::ids>)
      .def_property_readonly("source_ids", &property<&Session::source_ids>, "What encode() read.")
      .def_readonly("model", &PySession::model)
      .def("close", [](PySession& self) { self.value.reset(); })
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](PySession& self, const py::args&) { self.value.reset(); });
  module.attr("Model").attr("session") =
      py::cpp_function(&new_session, py::name("session"), py::is_method(module.attr("Model")),
                       "A new Session. Keywords: context_length, cancel.");

  py::class_<PyBatch>(module, "Batch", "The next ids of several sessions as one packed batch.")
      .def(py::init([](const py::object& model) {
             const Model& value = py::cast<const PyModel&>(model).model();
             return PyBatch{model, std::make_shared<Guarded<Batch>>("the batch", Batch(value))};
           }),
           py::arg("model"))
      .def(
          "add",
          [](const py::object& self, const PySession& session, const Ids& ids) {
            add_to_batch(py::cast<PyBatch&>(self), session, ids);
            return self;
          },
          py::arg("session"), py::arg("ids"), "Adds ids for a session.")
      .def("step", &step, "Appends all, or none; gives one row of logits a session: (B, V).");
}

}  // namespace loquor::python
