// What stands behind a Tokenizer: the steps of its pipeline, each as data.
// text -> added tokens -> normalizers -> pre-tokenizers -> model -> post-processor -> ids
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "loquor/tokenizer.hpp"
#include "text/added_tokens.h"
#include "text/decoder.h"
#include "text/languages.h"
#include "text/normalizer.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

/// The tokens of one text, without special ones around them: one entry of each list a token.
struct TextTokens {
  std::vector<std::int32_t> ids;
  bool with_offsets = false;  // else the other lists are empty
  std::vector<ByteRange> offsets;
  std::vector<std::int32_t> words;
  /// The tokens [begin, begin + count).
  TextTokens part(std::size_t begin, std::size_t count) const;
};

class Tokenizer::Impl {
 public:
  /// The parts that a loader puts together. `added` includes all special tokens.
  struct Parts {
    std::shared_ptr<const TokenTable> tokens;
    std::vector<AddedToken> added;
    std::vector<Normalizer> normalizers;
    std::vector<PreTokenizer> pre_tokenizers;
    std::unique_ptr<const TextModel> model;
    PostProcessor post_processor;
    Decoder decoder{{}};
    std::optional<std::int32_t> bos, eos, unk, pad, sep, cls, mask;
    bool language_codes = false;  // >>name<< in front of a text is one token
    std::optional<Languages> languages;
  };
  explicit Impl(Parts parts);

  /// Names of special tokens count inside the ranges only. Offsets and words are found only when
  /// asked for.
  TextTokens tokenize(std::string_view text, std::span<const ByteRange> special_inside,
                      bool with_offsets) const;
  /// A text, or a pair, with special tokens as the post-processor puts them.
  Encoding assemble(const TextTokens& first, const TextTokens* second, bool add_special_tokens,
                    const PostProcessor& post) const;
  /// tokenize(), cut and assemble().
  Encoding encode(std::string_view first, std::optional<std::string_view> second,
                  const EncodeOptions& options, bool with_offsets) const;
  /// Appends the bytes of one token to `out`.
  void decode(std::int32_t id, bool skip_special_tokens, DecodeState& state,
              std::string& out) const;
  void require_id(std::int32_t id) const;

  /// What goes around a text of a language: of the usual one where it is empty. Throws
  /// Error(invalid_argument) for one that the tokenizer does not have.
  PostProcessor around(std::string_view src_lang) const;

  const TokenTable& tokens() const noexcept { return *parts_.tokens; }
  const Parts& parts() const noexcept { return parts_; }
  bool is_special(std::int32_t id) const noexcept { return kind(id) == Kind::special; }

 private:
  class Encode;
  enum class Kind : std::uint8_t { model, added, special };
  Kind kind(std::int32_t id) const noexcept {
    return id >= 0 && static_cast<std::size_t>(id) < kinds_.size()
               ? kinds_[static_cast<std::size_t>(id)]
               : Kind::model;
  }

  Parts parts_;
  AddedTokens in_text_, in_normalized_;
  bool track_sources_ = false;  // though no offsets are asked for
  std::vector<Kind> kinds_;     // of each id up to the last added one
};

}  // namespace loquor
