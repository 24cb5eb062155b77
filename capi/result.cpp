// Results: strings, ids, tensors and outputs.
#include "result.h"

#include "guard.h"
#include "json.h"

namespace loquor::capi {

std::vector<LogprobArrays> logprob_arrays(const std::vector<Logprobs>& logprobs) {
  std::vector<LogprobArrays> arrays;
  arrays.reserve(logprobs.size());
  for (const auto& [chosen, top] : logprobs) {
    auto& [ids, values] = arrays.emplace_back();
    ids.push_back(chosen.id);
    values.push_back(chosen.logprob);
    for (const auto& [id, logprob] : top) {
      ids.push_back(id);
      values.push_back(logprob);
    }
  }
  return arrays;
}

void give_logprobs(const std::vector<LogprobArrays>& all, std::size_t index,
                   const std::int32_t** ids, const float** logprobs, std::size_t* count) {
  required(ids, "ids");
  required(logprobs, "logprobs");
  required(count, "count");
  if (index >= all.size())
    fail(Code::invalid_argument, "index: found ", index, ", expected less than ", all.size(),
         ", the ids with log-probabilities");
  *ids = all[index].ids.data();
  *logprobs = all[index].logprobs.data();
  *count = all[index].ids.size();
}

void give_output(loquor_output** out, Output output) {
  auto logprobs = logprob_arrays(output.logprobs);
  give(out, std::move(output), std::move(logprobs));
}

}  // namespace loquor::capi

using namespace loquor::capi;

namespace {

// A container's data and size, as getters give them; never null for a usable handle.
template <class Container>
auto data_of(const Container& container, size_t* size) noexcept {
  static constexpr typename Container::value_type kNothing{};
  if (size) *size = container.size();
  return container.empty() ? &kNothing : container.data();
}

std::nullptr_t nothing(size_t* size) noexcept {
  if (size) *size = 0;
  return nullptr;
}

}  // namespace

const char* loquor_string_data(const loquor_string* string, size_t* length) {
  if (!usable(string)) return nothing(length);
  return data_of(string->value, length);
}

void loquor_string_free(loquor_string* string) { release(string); }

const int32_t* loquor_ids_data(const loquor_ids* ids, size_t* count) {
  if (!usable(ids)) return nothing(count);
  return data_of(ids->ids, count);
}

const int64_t* loquor_ids_offsets(const loquor_ids* ids) {
  if (!usable(ids) || !ids->has_offsets) return nullptr;
  return data_of(ids->offsets, nullptr);
}

const int32_t* loquor_ids_origins(const loquor_ids* ids) {
  if (!usable(ids) || !ids->has_offsets) return nullptr;
  return data_of(ids->origins, nullptr);
}

void loquor_ids_free(loquor_ids* ids) { release(ids); }

const float* loquor_tensor_data(const loquor_tensor* tensor, size_t* count) {
  if (!usable(tensor)) return nothing(count);
  return data_of(tensor->values, count);
}

int32_t loquor_tensor_rank(const loquor_tensor* tensor) {
  return usable(tensor) ? static_cast<int32_t>(tensor->shape.size()) : 0;
}

int64_t loquor_tensor_size(const loquor_tensor* tensor, int32_t axis) {
  if (!usable(tensor) || axis < 0 || axis >= loquor_tensor_rank(tensor)) return 0;
  return tensor->shape[static_cast<size_t>(axis)];
}

void loquor_tensor_free(loquor_tensor* tensor) { release(tensor); }

const char* loquor_output_text(const loquor_output* output, size_t* length) {
  if (!usable(output)) return nothing(length);
  return data_of(output->value.text, length);
}

const int32_t* loquor_output_ids(const loquor_output* output, size_t* count) {
  if (!usable(output)) return nothing(count);
  return data_of(output->value.ids, count);
}

int32_t loquor_output_finish_reason(const loquor_output* output) {
  return usable(output) ? static_cast<int32_t>(output->value.finish_reason) : 0;
}

double loquor_output_score(const loquor_output* output) {
  return usable(output) ? output->value.score : 0;
}

int64_t loquor_output_seed(const loquor_output* output) {
  return usable(output) ? static_cast<int64_t>(output->value.seed) : 0;
}

int32_t loquor_output_logprobs(const loquor_output* output, size_t index, const int32_t** ids,
                               const float** logprobs, size_t* count, loquor_error** error) {
  return guard(error, [&] {
    give_logprobs(handle(output, "output").logprobs, index, ids, logprobs, count);
  });
}

int32_t loquor_output_scores(const loquor_output* output, loquor_tensor** scores,
                             loquor_error** error) {
  return guard(error, [&] {
    required(scores, "scores");
    const loquor::Logits& found = handle(output, "output").value.scores;
    if (found.rows == 0)
      loquor::fail(loquor::Code::invalid_argument, "the output has no scores: set output_scores");
    give(scores, found.values, std::vector{found.rows, found.vocabulary});
  });
}

int64_t loquor_output_sequences(const loquor_output* output) {
  return usable(output) ? static_cast<int64_t>(output->value.sequences.size()) : 0;
}

int32_t loquor_output_sequence(const loquor_output* output, size_t index, loquor_output** sequence,
                               loquor_error** error) {
  return guard(error, [&] {
    required(sequence, "sequence");
    const loquor::Output& whole = handle(output, "output").value;
    if (index >= whole.sequences.size()) {
      loquor::fail(loquor::Code::invalid_argument, "index: found ", index, ", expected less than ",
                   whole.sequences.size(), ", the sequences");
    }
    give_output(sequence, {whole.sequences[index],
                           whole.timings,
                           whole.seed,
                           whole.dropped_turns,
                           {whole.sequences[index]}});
  });
}

int32_t loquor_output_json(const loquor_output* output, loquor_string** json,
                           loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    give(json, output_json(handle(output, "output").value).dump());
  });
}

void loquor_output_free(loquor_output* output) { release(output); }
