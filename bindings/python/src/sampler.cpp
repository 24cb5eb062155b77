// Sampler.
#include "loquor/sampler.hpp"

#include "arguments.h"
#include "handles.h"
#include "results.h"

namespace loquor::python {

namespace {

using Sampling = Guarded<Sampler>;
using Row = py::array_t<float, py::array::c_style | py::array::forcecast>;

std::span<const float> row_of(const Row& logits) {
  if (logits.ndim() != 1)
    fail(Code::invalid_argument,
         "logits: found an array of " + std::to_string(logits.ndim()) + " dimensions, expected 1");
  return {logits.data(), static_cast<std::size_t>(logits.size())};
}

std::int32_t sample(Sampling& self, const Row& logits, const Ids& history,
                    std::int64_t prompt_length) {
  const Lease lease(self);
  const auto row = row_of(logits);
  const Unlocked unlocked;
  return self.value.sample(row, history.values, prompt_length);
}

py::array_t<float> probabilities(Sampling& self, const Row& logits, const Ids& history,
                                 std::int64_t prompt_length) {
  const Lease lease(self);
  auto values = self.value.probabilities(row_of(logits), history.values, prompt_length);
  const auto count = static_cast<std::int64_t>(values.size());
  return array_of(std::move(values), {count});
}

}  // namespace

void add_sampler(py::module_& module) {
  py::class_<Sampling, std::shared_ptr<Sampling>>(
      module, "Sampler",
      "Logits to a token id. Keywords: the options of generate() that concern sampling.")
      .def(py::init([](const py::kwargs& options) {
        return std::make_shared<Sampling>("the sampler",
                                          Sampler(options_of<GenerateOptions>(options)));
      }))
      .def("sample", &sample, py::arg("logits"), py::arg("history") = py::tuple(),
           py::arg("prompt_length") = 0,
           "The next id for logits (V,) after history: prompt and output ids, the first "
           "prompt_length of them prompt.")
      .def("probabilities", &probabilities, py::arg("logits"), py::arg("history") = py::tuple(),
           py::arg("prompt_length") = 0, "The distribution that sample() draws from.")
      .def_property_readonly("seed", [](const Sampling& self) { return self.value.seed(); });
}

}  // namespace loquor::python
