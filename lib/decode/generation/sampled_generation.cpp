// Greedy and sampled sequences.
#include "decode/generation/generation_forms.h"

namespace loquor {

SampledGeneration::SampledGeneration(WorkSession given, std::vector<std::int32_t> ids,
                                     const GenerateOptions& options)
    : Impl(std::move(given), std::move(ids), options) {
  const auto count = static_cast<std::size_t>(options_.num_return_sequences.value_or(1));
  others_.resize(count - 1);
  for (std::size_t i = 0; i < count; ++i) {
    Sequence& told = i == 0 ? output : others_[i - 1];
    live_.emplace_back(prompt_, OutputText(session().model(), options_), told);
  }
}

std::vector<std::size_t> SampledGeneration::going_on() const {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].goes_on()) list.push_back(i);
  }
  return list;
}

std::vector<std::vector<std::int32_t>> SampledGeneration::live() const {
  std::vector<std::vector<std::int32_t>> list;
  for (const std::size_t i : going_on()) list.push_back(live_[i].ids());
  return list;
}

std::vector<Reading> SampledGeneration::reads() {
  if (steps_ == 0) return prompt_reading();
  std::vector<Reading> readings;
  for (const std::size_t i : going_on())
    readings.push_back({i == 0 ? &session() : &forks_[i - 1], {live_[i].ids().back()}});
  return readings;
}

bool SampledGeneration::step(const std::vector<std::vector<float>>& logits, Piece& piece) {
  const std::vector<std::size_t> list = going_on();
  std::vector<std::vector<float>> scores = logits;
  if (steps_ == 0) {  // the prompt's logits are all sequences'
    while (forks_.size() < others_.size()) forks_.push_back(session().fork());
    scores.resize(list.size(), logits[0]);
  }
  std::vector<ScoreRow> rows;
  allowed_.resize(list.size());
  for (std::size_t i = 0; i < list.size(); ++i)
    rows.push_back({scores[i], live_[list[i]].ids(), allowed_[i]});
  process_scores(options_, facts_, rows);
  std::vector<std::int32_t> chosen;
  for (std::size_t i = 0; i < list.size(); ++i)
    chosen.push_back(sampler_.choose(scores[i], list[i], steps_));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const FinishReason reason = why_it_ends(chosen[i], static_cast<std::int64_t>(steps_) + 1);
    Piece taken = live_[list[i]].take(chosen[i], scores[i], sampler_, reason);
    if (list[i] == 0) piece = std::move(taken);
  }
  output.timings.generated_tokens += static_cast<std::int64_t>(list.size());
  return going_on().empty();
}

void SampledGeneration::close(FinishReason reason, Piece& piece) {
  for (const std::size_t i : going_on()) {
    Piece rest = live_[i].close(reason);
    if (i == 0) append(piece, std::move(rest));
  }
}

std::vector<Sequence> SampledGeneration::sequences() const {
  std::vector<Sequence> list{output};
  list.insert(list.end(), others_.begin(), others_.end());
  return list;
}

}  // namespace loquor
