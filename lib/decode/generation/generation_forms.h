// The three forms of a generation.
#pragma once

#include "decode/generation/beam_search.h"
#include "decode/generation/generation_impl.h"
#include "decode/generation/guesser.h"
#include "decode/generation/live_sequence.h"

namespace loquor {

/// num_return_sequences draws from one prompt, or the one greedy sequence. They step as one packed
/// batch.
class SampledGeneration : public Generation::Impl {
 public:
  SampledGeneration(WorkSession session, std::vector<std::int32_t> ids,
                    const GenerateOptions& options);
  std::vector<std::vector<std::int32_t>> live() const override;
  std::vector<Reading> reads() override;

 protected:
  bool step(const std::vector<std::vector<float>>& logits, Piece& piece) override;
  void close(FinishReason reason, Piece& piece) override;
  std::vector<Sequence> sequences() const override;

 private:
  std::vector<std::size_t> going_on() const;

  std::vector<Sequence> others_;  // told beside output
  std::vector<LiveSequence> live_;
  std::vector<Session> forks_;  // of the others
};

/// Beam search and beam sampling. Each beam is a fork of the session; a reorder moves and forks
/// sessions, which share what they have in common.
class BeamGeneration : public Generation::Impl {
 public:
  BeamGeneration(WorkSession session, std::vector<std::int32_t> ids,
                 const GenerateOptions& options);
  std::vector<std::vector<std::int32_t>> live() const override;
  std::vector<Reading> reads() override;

 protected:
  bool step(const std::vector<std::vector<float>>& logits, Piece& piece) override;
  void close(FinishReason reason, Piece& piece) override;
  std::vector<Sequence> sequences() const override;
  /// Beams that are out of time end with a last id, as in transformers.
  bool ends_by_time() const override { return false; }

 private:
  std::vector<std::vector<float>> next_scores(const std::vector<std::vector<float>>& logits);
  std::vector<Extension> extensions(const std::vector<std::vector<float>>& scores);
  FinishReason ending_of(const Extension& extension, bool no_time) const;
  void reorder(const std::vector<std::size_t>& parents);
  std::size_t settled() const;
  void show(std::span<const std::int32_t> ids, Piece& piece);
  bool finish(Piece& piece);
  Sequence told(const Beam& beam) const;

  BeamSearch search_;
  std::vector<Session> sessions_;  // of the running beams, once the prompt is read
  OutputText text_;                // of what is settled
};

/// One sequence, with guesses at its next ids.
class SpeculativeGeneration : public Generation::Impl {
 public:
  SpeculativeGeneration(WorkSession session, std::vector<std::int32_t> ids,
                        const GenerateOptions& options);
  std::vector<std::vector<std::int32_t>> live() const override;
  void allow(std::size_t index, std::vector<std::int32_t> ids) override;
  std::vector<Reading> reads() override { return {}; }

 protected:
  bool step(const std::vector<std::vector<float>>& logits, Piece& piece) override;
  void close(FinishReason reason, Piece& piece) override;
  std::vector<Sequence> sequences() const override;

 private:
  std::int32_t check(std::span<const float> scores, const Guess& guess);
  Piece keep(const Logits& logits, const std::vector<Guess>& guesses);
  std::size_t room() const;
  void settle();

  LiveSequence live_;
  std::unique_ptr<Guesser> guesser_;
};

}  // namespace loquor
