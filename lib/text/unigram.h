// Unigram: of all ways to make a text of tokens, the most probable. Kudo 2018, "Subword
// Regularization", https://arxiv.org/abs/1804.10959
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "text/sentencepiece_bpe.h"
#include "text/string_set.h"
#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

class Unigram final : public TextModel {
 public:
  /// tokenizer.json's: `scores` are log-probabilities, one a token of `tokens`; every name of
  /// theirs that is in the model may be found in a text. Without `unknown`, encoding text that
  /// needs it fails.
  Unigram(std::shared_ptr<const TokenTable> tokens, std::vector<double> scores,
          std::optional<std::int32_t> unknown, bool byte_fallback);
  /// A .model file's: pieces are found as their types allow, sums are rounded to 32 bits as
  /// SentencePiece rounds them. Throws Error(invalid_file) for a score that is not a number,
  /// without an unknown piece, or with some of the byte pieces only.
  Unigram(std::shared_ptr<const TokenTable> tokens, const std::vector<Piece>& pieces);
  std::unique_ptr<Segmenter> segmenter(std::size_t text_size) const override;

 private:
  template <class Score>
  class Words;
  double score(std::int32_t id, std::size_t size) const noexcept {
    return bonus_.empty() || !bonus_[static_cast<std::size_t>(id)]
               ? scores_[static_cast<std::size_t>(id)]
               : static_cast<double>(static_cast<float>(size) * largest_) - 0.1;
  }

  std::shared_ptr<const TokenTable> tokens_;
  StringSet pieces_;            // those that may be found in a text
  std::vector<double> scores_;  // of each id
  std::vector<bool> bonus_;     // of a .model file: user-defined, preferred to all else
  float largest_ = 0;           // score of a .model file's normal pieces
  double unknown_score_ = 0;
  std::optional<std::int32_t> unknown_;
  std::vector<std::int32_t> bytes_;  // ids of <0x00> to <0xFF>, or empty
  bool is_sentencepiece_;
};

}  // namespace loquor
