// Byte-pair encoding by scores: SentencePiece's BPE, from a .model file or GGUF's "llama".
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "text/string_set.h"
#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

/// The types of tokens, with the numbers of sentencepiece_model.proto, which GGUF shares.
enum class PieceType : std::uint8_t {
  normal = 1,
  unknown = 2,
  control = 3,
  user_defined = 4,
  unused = 5,
  byte = 6
};

/// What a piece is worth and what may become of it; one a token.
struct Piece {
  float score;
  PieceType type;
};

class SentencePieceBpe final : public TextModel {
 public:
  /// `user_defined` are found in the text before anything merges. Throws Error(invalid_file)
  /// without an unknown piece or all byte pieces, or for a score that is not a number.
  SentencePieceBpe(std::shared_ptr<const TokenTable> tokens, std::vector<Piece> pieces,
                   StringSet user_defined);
  std::unique_ptr<Segmenter> segmenter(std::size_t text_size) const override;

 private:
  class Words;
  // The piece that a stretch of text is: normal, user-defined or unused; -1 for none.
  std::int32_t find(std::string_view text) const noexcept;

  std::shared_ptr<const TokenTable> tokens_;
  std::vector<Piece> pieces_;
  std::vector<std::uint32_t> priorities_;  // the higher the score, the smaller
  StringSet user_defined_;
  std::vector<std::int32_t> bytes_;  // ids of <0x00> to <0xFF>, or empty
  std::int32_t unknown_ = -1;
  bool words_part_at_spaces_ =
      true;  // no piece goes on behind a space that follows another character
};

}  // namespace loquor
