// Model::generate on a list of prompts: their next steps go through the model as one batch.
#include <algorithm>

#include "base/error.h"
#include "decode/generation/generation_defaults.h"
#include "decode/generation/generation_impl.h"
#include "ops/embedding.h"

namespace loquor {

namespace {

// What is generated at a time: more would take memory for keys and values and gain little.
constexpr std::size_t kMostTogether = 16;

struct Running {
  std::size_t index;  // of its prompt
  std::unique_ptr<Generation::Impl> generation;
  std::vector<Reading> readings;  // of this step
};

void require_valid(const Model& model, std::span<const std::vector<std::int32_t>> prompts) {
  std::int64_t longest = 0;
  for (const auto& prompt : prompts) longest = std::max<std::int64_t>(longest, std::ssize(prompt));
  const Session session(model, {.context_length = context_for(model, longest), .cancel = {}});
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    within(text("prompt ", i), [&] {
      session.impl().require_room(prompts[i].size());
      check_ids(prompts[i], model.info().vocabulary);
    });
  }
}

Running start(const Model& model, std::size_t index, const std::vector<std::int32_t>& prompt,
              GenerateOptions options, const GenerateOptions& defaults) {
  if (options.seed) *options.seed += index;
  const std::int64_t context = context_for(model, most_positions(options, std::ssize(prompt)));
  auto session = std::make_unique<Session>(
      model, SessionOptions{.context_length = context, .cancel = options.cancel});
  return {index, make_generation(std::move(session), prompt, options, defaults), {}};
}

// One step more for each; a cancel ends them all.
void step(Batch& batch, std::vector<Running>& running) {
  try {
    bool any = false;
    for (Running& one : running) {
      one.readings = one.generation->reads();
      if (one.readings.empty()) one.generation->next();  // it reads for itself
      for (const Reading& reading : one.readings) batch.add(*reading.session, reading.ids);
      any = any || !one.readings.empty();
    }
    if (!any) return;
    const Logits logits = batch.step();
    std::int64_t row = 0;
    for (Running& one : running) {
      std::vector<std::vector<float>> rows;
      for (std::size_t i = 0; i < one.readings.size(); ++i, ++row)
        rows.emplace_back(logits.row(row).begin(), logits.row(row).end());
      Piece piece;
      if (!rows.empty()) one.generation->take(std::move(rows), piece);
    }
  } catch (const Error& error) {
    if (error.code() != Code::cancelled) throw;
    for (const Running& one : running) {
      Piece piece;
      if (one.generation->finish_reason() == FinishReason::none)
        one.generation->end_with(FinishReason::cancelled, piece);
    }
  }
}

}  // namespace

std::vector<Output> generate_list(const Model& model,
                                  std::span<const std::vector<std::int32_t>> prompts,
                                  const GenerateOptions& options, const GenerateOptions& defaults) {
  require_valid(model, prompts);
  std::vector<Output> outputs(prompts.size());
  std::vector<Running> running;
  Batch batch(model);
  std::size_t next = 0;
  while (next < prompts.size() || !running.empty()) {
    for (; next < prompts.size() && running.size() < kMostTogether; ++next)
      running.push_back(start(model, next, prompts[next], options, defaults));
    std::erase_if(running, [&](const Running& one) {
      Piece piece;
      if (one.generation->begin(piece)) return false;
      outputs[one.index] = std::move(one.generation->output);
      return true;
    });
    if (!running.empty()) step(batch, running);
  }
  return outputs;
}

std::vector<Output> Model::generate(std::span<const std::vector<std::int32_t>> prompts,
                                    const GenerateOptions& options) const {
  require_decoder(*this, "generate");
  return generate_list(*this, prompts, options, generation_defaults());
}

std::vector<Output> Model::generate(std::span<const std::string> prompts,
                                    const GenerateOptions& options) const {
  require_decoder(*this, "generate");
  std::vector<std::vector<std::int32_t>> ids;
  ids.reserve(prompts.size());
  for (std::size_t i = 0; i < prompts.size(); ++i)
    ids.push_back(
        within(text("prompt ", i), [&] { return encode_prompt(*this, prompts[i], options); }));
  return generate(ids, options);
}

}  // namespace loquor
