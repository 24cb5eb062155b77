// WordPiece: the longest token that a word starts with, then the longest that goes on, and so on.
// Devlin et al. 2018, https://arxiv.org/abs/1810.04805, as tokenizer.json's "WordPiece" defines it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "text/string_set.h"
#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

struct WordPieceOptions {
  std::int32_t unknown;                        // for a word that tokens do not make up
  std::string continuing_prefix = "##";        // in the names of tokens that go on with a word
  std::size_t max_input_chars_per_word = 100;  // longer words are unknown
};

class WordPiece final : public TextModel {
 public:
  /// Of `tokens`, those that are there now; they are not looked at later.
  WordPiece(const TokenTable& tokens, WordPieceOptions options);
  std::unique_ptr<Segmenter> segmenter(std::size_t text_size) const override;
  std::string_view continuing_prefix() const noexcept override {
    return options_.continuing_prefix;
  }

 private:
  class Words;
  WordPieceOptions options_;
  StringSet starting_, continuing_;
};

}  // namespace loquor
