// Decoders: names of tokens back to text, one token at a time, so that a stream and a whole text
// come out the same.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace loquor {

/// How far a text is.
struct DecodeState {
  bool at_first_token = true;
  std::size_t leading_removed = 0;  // characters that a Strip took from the text's front
  bool in_text = false;             // something has come out
};

/// Steps on one token's bytes; see the tokenizer.json components of the same names.
struct DecodeByteLevel {};
struct DecodeByteFallback {};
struct DecodeReplace {
  std::string pattern, content;
};
struct DecodeStrip {
  std::string content;  // one character
  std::size_t start, stop;
};
/// Strip behind a Fuse: from the front of the whole text.
struct DecodeStripText {
  std::string content;
  std::size_t start;
};
struct DecodeMetaspace {
  std::string replacement;
  bool drop_first;
};
/// Names that start with the prefix go on with a word, others stand behind a space; cleanup closes
/// up punctuation and English contractions.
struct DecodeWordPiece {
  std::string prefix;
  bool cleanup;
};
/// SentencePiece: U+2581 is a space, but for the one (or all) that its normalizer put in front of
/// the text.
struct DecodeSentencePiece {
  bool drop_first, drop_all;
};
/// Without any decoder, names stand with spaces between.
struct DecodeJoin {};

using DecodeStep =
    std::variant<DecodeByteLevel, DecodeByteFallback, DecodeReplace, DecodeStrip, DecodeStripText,
                 DecodeMetaspace, DecodeWordPiece, DecodeSentencePiece, DecodeJoin>;

class Decoder {
 public:
  explicit Decoder(std::vector<DecodeStep> steps) : steps_(std::move(steps)) {}
  /// Appends the bytes of the next token to `out`. An added token's name stands for itself,
  /// byte-level alphabet or not.
  void decode(std::string_view name, bool is_added, DecodeState& state, std::string& out) const;

 private:
  std::vector<DecodeStep> steps_;
};

/// Reads tokenizer.json's "decoder"; a Sequence is flattened. Refuses what it does not know.
Decoder parse_decoder(const Json& json);

}  // namespace loquor
