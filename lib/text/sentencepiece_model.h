// SentencePiece's .model file, a protobuf message, as plain data.
// https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/sentencepiece_bpe.h"

namespace loquor {

struct SentencePieceModel {
  enum class Type { unigram = 1, bpe = 2, word = 3, character = 4 };
  struct NamedPiece {
    std::string_view name;
    Piece piece{0, PieceType::normal};
  };
  std::vector<NamedPiece> pieces;
  Type type = Type::unigram;
  bool byte_fallback = false;
  bool treat_whitespace_as_suffix = false;
  std::string_view bos = "<s>", eos = "</s>", unk = "<unk>", pad = "<pad>";
  std::string_view character_map;           // the normalizer's
  std::string_view decoding_character_map;  // the denormalizer's
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

/// Views are into `bytes`. Throws Error(invalid_file) for what is not such a message.
SentencePieceModel read_sentencepiece_model(std::string_view bytes);

}  // namespace loquor
