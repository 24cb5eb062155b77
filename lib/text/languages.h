// Languages of a multilingual tokenizer: a token of a text's own goes around it, as transformers'
// classes for mBART, NLLB and M2M-100 put it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "text/added_tokens.h"
#include "text/post_processor.h"

namespace loquor {

struct Languages {
  enum class Place { front, behind };
  Place place =
      Place::front;  // of its token: in front of the text, or behind the end-of-text token
  bool starts_output = false;  // a target's token is what the decoder begins after (mBART of 25
                               // languages), else the first that it gives
  std::vector<std::pair<std::string, std::int32_t>> codes;
  std::string source;  // of a text of which nothing is said
  std::int32_t eos = 0;

  /// The id of a language's token. `option` is what the code was given as. Throws
  /// Error(invalid_argument) for a language that is not there, naming some that are.
  std::int32_t id(std::string_view option, std::string_view code) const;
  bool has(std::int32_t id) const noexcept;
  /// What goes around a text, or a pair, of that language.
  PostProcessor around(std::int32_t language) const;
};

/// The names of the tokens that a class has behind the pieces of its SentencePiece model, in the
/// order of their ids. None for a class without languages.
std::vector<std::string> language_tokens(std::string_view tokenizer_class, const Json& config);

/// The languages of a class, of those special tokens that name one; nothing for another class.
/// Throws Error(invalid_file) where the vocabulary lacks the source's, or an end-of-text token.
std::optional<Languages> read_languages(std::string_view tokenizer_class, const Json& config,
                                        const std::vector<AddedToken>& added,
                                        std::optional<std::int32_t> eos);

/// A name of some codes, for messages: the first ones, and how many there are.
std::string some_of(const std::vector<std::string>& names);

}  // namespace loquor
