// Beam search and beam sampling as transformers' `_beam_search` does them: which sequences go on,
// which are finished, and when it is over. It knows scores and ids; what the model computes comes
// from outside. https://huggingface.co/docs/transformers/generation_strategies
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "decode/generation/sampler_impl.h"
#include "loquor/output.hpp"

namespace loquor {

/// What an id was chosen by, kept where the caller asked for it.
struct BeamStep {
  std::shared_ptr<const std::vector<float>> scores;  // (V), of the beam that it was chosen for
  Logprobs logprobs;
};

/// A sequence in the making, or a finished one.
struct Beam {
  std::vector<std::int32_t> ids;  // generated so far
  double score = 0;               // sum of its ids' scores; finished: divided by length^penalty
  /// A copy of another beam, or the end of a finished one, that fills the number up, as it does in
  /// transformers, and never becomes a result.
  bool spare = false;
  FinishReason ended = FinishReason::none;
  std::vector<std::shared_ptr<const BeamStep>> steps{};
};

/// An id that could follow a running beam.
struct Extension {
  std::size_t beam = 0;
  std::int32_t id = 0;
  double score = 0;  // the beam's, and this id's
  FinishReason ended = FinishReason::none;
  std::shared_ptr<const BeamStep> step{};
};

class BeamSearch {
 public:
  /// Of validated options. `limit`: ids generated at most.
  BeamSearch(const GenerateOptions& options, std::int64_t limit);

  /// Falling scores; spare ones last. All of one length.
  const std::vector<Beam>& running() const noexcept { return running_; }
  /// Falling scores, at most num_beams of them.
  const std::vector<Beam>& finished() const noexcept { return finished_; }
  bool over() const noexcept { return over_; }
  /// Ids that truncation keeps of each beam, so that some can go on where the likeliest end it.
  std::size_t least_kept() const noexcept { return least_kept_; }

  /// The likeliest extensions of the running beams, best first; or, where the sampler samples,
  /// extensions drawn without replacement, in the order drawn. scores: (V) each, log-probabilities.
  std::vector<Extension> likeliest(std::span<const std::vector<float>> scores) const;
  std::vector<Extension> drawn(std::span<const std::vector<float>> scores, Sampler::Impl& sampler,
                               std::uint64_t step) const;

  /// Goes one id on. Gives, for each beam that is now running, the one that it continues.
  std::vector<std::size_t> advance(std::span<const Extension> extensions);
  /// Takes what is running as finished for this reason, and is over.
  void close(FinishReason reason);

 private:
  Beam extended(const Extension& extension) const;
  void finish(Beam beam);
  bool can_improve() const;
  double length_norm(std::int64_t length) const;

  std::size_t num_beams_, least_kept_, wanted_;
  double length_penalty_;
  bool stop_when_full_, never_stop_early_;
  std::int64_t limit_;
  std::vector<Beam> running_, finished_;
  bool over_ = false;
};

}  // namespace loquor
