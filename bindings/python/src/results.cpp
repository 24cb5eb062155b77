#include "results.h"

#include <pybind11/stl.h>

#include <memory>

namespace loquor::python {

namespace {

py::object results_class(const char* name) {
  return py::module_::import("loquor._results").attr(name);
}

py::object logprob_object(const py::object& type, const TokenLogprob& entry) {
  return type(entry.id, entry.logprob);
}

py::object logprobs_list(const std::vector<Logprobs>& logprobs) {
  py::list list;
  if (logprobs.empty()) return list;
  const py::object type = results_class("TokenLogprob");
  for (const auto& [chosen, top] : logprobs) {
    py::list alternatives;
    for (const auto& entry : top) alternatives.append(logprob_object(type, entry));
    list.append(results_class("Logprobs")(logprob_object(type, chosen), alternatives));
  }
  return list;
}

py::tuple sequence_members(const Sequence& sequence) {
  const py::object scores =
      sequence.scores.rows > 0 ? py::object(array_of(sequence.scores)) : py::none();
  return py::make_tuple(sequence.text, sequence.ids, sequence.score,
                        std::string(name(sequence.finish_reason)), logprobs_list(sequence.logprobs),
                        scores);
}

}  // namespace

py::array_t<float> array_of(std::vector<float> values, std::vector<std::int64_t> shape) {
  auto owned = std::make_unique<std::vector<float>>(std::move(values));
  const float* data = owned->data();
  const py::capsule owner(owned.get(),
                          [](void* vector) { delete static_cast<std::vector<float>*>(vector); });
  static_cast<void>(owned.release());  // the capsule has it
  return py::array_t<float>(std::move(shape), data, owner);
}

py::array_t<float> array_of(Logits logits) {
  return array_of(std::move(logits.values), {logits.rows, logits.vocabulary});
}

py::object timings_object(const Timings& timings) {
  return results_class("Timings")(timings.prompt_tokens, timings.cached_tokens,
                                  timings.prompt_seconds, timings.generated_tokens,
                                  timings.generate_seconds);
}

py::object piece_object(const Piece& piece) {
  return results_class("Piece")(piece.text, piece.ids, logprobs_list(piece.logprobs));
}

py::object output_object(const Output& output) {
  py::list sequences;
  for (const Sequence& sequence : output.sequences)
    sequences.append(results_class("Sequence")(*sequence_members(sequence)));
  return results_class("Output")(*sequence_members(output), timings_object(output.timings),
                                 output.seed, output.dropped_turns, sequences);
}

py::object from_json(const std::string& json) {
  return py::module_::import("json").attr("loads")(json);
}

}  // namespace loquor::python
