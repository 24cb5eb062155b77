#include "decode/generation/live_sequence.h"

#include "decode/generation/log_probabilities.h"

namespace loquor {

Piece LiveSequence::take(std::int32_t id, std::span<const float> scores, Sampler::Impl& sampler,
                         FinishReason reason) {
  const GenerateOptions& options = sampler.options;
  Piece piece{.text = text_.push(id), .ids = {id}, .logprobs = {}};
  Logprobs logprobs = log_probabilities_of(scores, id, options.logprobs.value_or(0));
  ids_.push_back(id);
  told_.ids.push_back(id);
  told_.text += piece.text;
  told_.score += static_cast<double>(logprobs.chosen.logprob);
  if (options.output_scores) {
    const std::vector<float> row = sampler.warped(scores);
    told_.scores.rows += 1;
    told_.scores.vocabulary = static_cast<std::int64_t>(row.size());
    told_.scores.values.insert(told_.scores.values.end(), row.begin(), row.end());
  }
  if (options.logprobs) {
    told_.logprobs.push_back(logprobs);
    piece.logprobs.push_back(std::move(logprobs));
  }
  if (text_.stopped()) reason = FinishReason::stop;
  if (reason != FinishReason::none) append(piece, close(reason));
  return piece;
}

Piece LiveSequence::close(FinishReason reason) {
  Piece piece{.text = text_.finish(), .ids = {}, .logprobs = {}};
  told_.text += piece.text;
  told_.finish_reason = text_.stopped() ? FinishReason::stop : reason;
  return piece;
}

void append(Piece& piece, Piece more) {
  piece.text += more.text;
  piece.ids.insert(piece.ids.end(), more.ids.begin(), more.ids.end());
  piece.logprobs.insert(piece.logprobs.end(), std::make_move_iterator(more.logprobs.begin()),
                        std::make_move_iterator(more.logprobs.end()));
}

}  // namespace loquor
