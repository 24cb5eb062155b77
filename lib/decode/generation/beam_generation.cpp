// Beam search and beam sampling over sessions.
#include <algorithm>

#include "base/error.h"
#include "decode/generation/generation_forms.h"
#include "decode/generation/log_probabilities.h"

namespace loquor {

BeamGeneration::BeamGeneration(WorkSession given, std::vector<std::int32_t> ids,
                               const GenerateOptions& options)
    : Impl(std::move(given), std::move(ids), options),
      search_(options_, limit_),
      text_(session().model(), options_) {}

std::vector<std::vector<std::int32_t>> BeamGeneration::live() const {
  std::vector<std::vector<std::int32_t>> list;
  for (const Beam& beam : search_.running()) {
    if (beam.spare) break;
    list.push_back(prompt_);
    list.back().insert(list.back().end(), beam.ids.begin(), beam.ids.end());
  }
  return list;
}

std::vector<Reading> BeamGeneration::reads() {
  if (steps_ == 0) return prompt_reading();
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < sessions_.size(); ++i)
    readings.push_back({&sessions_[i], {search_.running()[i].ids.back()}});
  return readings;
}

// Log-probabilities of each running beam's next id, after the processors.
std::vector<std::vector<float>> BeamGeneration::next_scores(
    const std::vector<std::vector<float>>& logits) {
  const std::vector<Beam>& running = search_.running();
  std::vector<std::vector<float>> scores = logits;
  scores.resize(running.size(), logits[0]);  // the prompt's logits are all beams'
  std::vector<std::vector<std::int32_t>> ids;
  std::vector<ScoreRow> rows;
  ids.reserve(running.size());
  allowed_.resize(running.size());
  for (std::size_t i = 0; i < running.size(); ++i) {
    ids.push_back(prompt_);
    ids[i].insert(ids[i].end(), running[i].ids.begin(), running[i].ids.end());
    log_softmax(scores[i]);
    rows.push_back({scores[i], ids[i], allowed_[i]});
  }
  process_scores(options_, facts_, rows);
  return scores;
}

FinishReason BeamGeneration::ending_of(const Extension& extension, bool no_time) const {
  const Beam& beam = search_.running()[extension.beam];
  const FinishReason reason =
      why_it_ends(extension.id, static_cast<std::int64_t>(beam.ids.size()) + 1);
  if (reason == FinishReason::eos) return reason;
  if (!options_.stop_strings.empty()) {
    OutputText text(session().model(), options_);
    for (const std::int32_t id : beam.ids) text.push(id);
    text.push(extension.id);
    if (text.stopped()) return FinishReason::stop;
  }
  if (reason == FinishReason::none && no_time) return FinishReason::time;
  return reason;
}

// What could follow, and why each of it ends.
std::vector<Extension> BeamGeneration::extensions(const std::vector<std::vector<float>>& scores) {
  std::vector<Extension> list =
      sampler_.samples ? search_.drawn(scores, sampler_, steps_) : search_.likeliest(scores);
  const bool no_time = out_of_time();
  std::vector<std::shared_ptr<const std::vector<float>>> kept(scores.size());
  for (Extension& extension : list) {
    extension.ended = ending_of(extension, no_time);
    if (!options_.output_scores && !options_.logprobs) continue;
    const std::vector<float>& row = scores[extension.beam];
    auto step = std::make_shared<BeamStep>();
    step->logprobs = log_probabilities_of(row, extension.id, options_.logprobs.value_or(0));
    auto& shared = kept[extension.beam];
    if (options_.output_scores && !shared)
      shared =
          std::make_shared<const std::vector<float>>(sampler_.warped(row, search_.least_kept()));
    step->scores = shared;
    extension.step = std::move(step);
  }
  return list;
}

// A session for each running beam: that of the beam that it continues, or a fork of it where
// several do.
void BeamGeneration::reorder(const std::vector<std::size_t>& parents) {
  std::vector<Session> next;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    Session& parent = steps_ == 0 ? session() : sessions_[parents[i]];
    const bool is_needed_again = std::count(parents.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                            parents.end(), parents[i]) != 0;
    next.push_back(steps_ == 0 || is_needed_again ? parent.fork() : std::move(parent));
  }
  sessions_ = std::move(next);
}

bool BeamGeneration::step(const std::vector<std::vector<float>>& logits, Piece& piece) {
  const std::vector<std::size_t> parents = search_.advance(extensions(next_scores(logits)));
  if (!search_.over()) reorder(parents);
  output.timings.generated_tokens = static_cast<std::int64_t>(steps_) + 1;
  if (search_.over()) {
    if (!finish(piece))
      fail(Code::invalid_argument, "no finite logit is left for any beam to choose from");
    return true;
  }
  const std::vector<std::int32_t>& ids = search_.running().front().ids;
  show(std::span(ids).subspan(output.ids.size(), settled() - output.ids.size()), piece);
  return false;
}

// How many ids all have in common that can still win: the running beams and the best finished one.
std::size_t BeamGeneration::settled() const {
  const std::vector<Beam>& running = search_.running();
  const std::vector<std::int32_t>& first = running.front().ids;
  std::size_t count = first.size();
  const auto compare = [&](const Beam& beam) {
    if (beam.spare) return;
    const auto end = std::ranges::mismatch(std::span(first).first(count), beam.ids).in1;
    count = static_cast<std::size_t>(end - std::span(first).begin());
  };
  for (const Beam& beam : running) compare(beam);
  if (!search_.finished().empty()) compare(search_.finished().front());
  return count;
}

void BeamGeneration::show(std::span<const std::int32_t> ids, Piece& piece) {
  for (const std::int32_t id : ids) {
    piece.ids.push_back(id);
    piece.text += text_.push(id);
    output.ids.push_back(id);
  }
  output.text += piece.text;
}

// Gives what of the best sequence was not yet given; false where there is none.
bool BeamGeneration::finish(Piece& piece) {
  const auto best = std::ranges::find(search_.finished(), false, &Beam::spare);
  if (best == search_.finished().end()) return false;
  show(std::span(best->ids).subspan(output.ids.size()), piece);
  piece.text += text_.finish();
  static_cast<Sequence&>(output) = told(*best);
  return true;
}

void BeamGeneration::close(FinishReason reason, Piece& piece) {
  search_.close(reason);
  finish(piece);
  output.finish_reason = reason;
}

Sequence BeamGeneration::told(const Beam& beam) const {
  Sequence sequence{.text = {},
                    .ids = beam.ids,
                    .score = beam.score,
                    .finish_reason = beam.ended,
                    .logprobs = {},
                    .scores = {}};
  OutputText text(session().model(), options_);
  for (const std::int32_t id : beam.ids) sequence.text += text.push(id);
  sequence.text += text.finish();
  if (text.stopped()) sequence.finish_reason = FinishReason::stop;
  for (const auto& step : beam.steps) {
    if (options_.logprobs) sequence.logprobs.push_back(step->logprobs);
    if (!step->scores) continue;
    Logits& scores = sequence.scores;
    scores.rows += 1;
    scores.vocabulary = static_cast<std::int64_t>(step->scores->size());
    scores.values.insert(scores.values.end(), step->scores->begin(), step->scores->end());
  }
  return sequence;
}

std::vector<Sequence> BeamGeneration::sequences() const {
  std::vector<Sequence> list;
  const auto most = static_cast<std::size_t>(options_.num_return_sequences.value_or(1));
  for (const Beam& beam : search_.finished()) {
    if (!beam.spare && list.size() < most) list.push_back(told(beam));
  }
  return list;
}

}  // namespace loquor
