// A sequence that gets one id after another, and what is told of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/generation/output_text.h"
#include "decode/generation/sampler_impl.h"

namespace loquor {

class LiveSequence {
 public:
  /// `told` must outlive it.
  LiveSequence(std::vector<std::int32_t> prompt, OutputText text, Sequence& told)
      : ids_(std::move(prompt)), text_(std::move(text)), told_(told) {}

  const std::vector<std::int32_t>& ids() const noexcept { return ids_; }  ///< The prompt's too.
  bool goes_on() const noexcept { return told_.finish_reason == FinishReason::none; }

  /// Takes an id that was chosen by scores (V); `reason` is none unless it ends with this id. Gives
  /// what it settles.
  Piece take(std::int32_t id, std::span<const float> scores, Sampler::Impl& sampler,
             FinishReason reason);
  /// Ends it, and gives what was held back.
  Piece close(FinishReason reason);

 private:
  std::vector<std::int32_t> ids_;
  OutputText text_;
  Sequence& told_;
};

/// Puts one piece behind another.
void append(Piece& piece, Piece more);

}  // namespace loquor
