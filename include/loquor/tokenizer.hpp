// Tokenizer: text to token ids and back, as the model's own tokenizer files define it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/api.hpp"

namespace LOQUOR_API loquor {

/// A half-open range of bytes of the text that was encoded.
struct ByteRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

struct EncodeOptions {
  bool add_special_tokens = true;  ///< Add what the model's post-processor adds (BOS, EOS, ...).
  /// Turn the names of special tokens in the text into their ids. Added tokens that are not special
  /// are always found.
  bool parse_special = false;
  /// Tokens of the result at most, special ones too; what is longer is cut, as Hugging Face
  /// tokenizers do.
  std::optional<std::int64_t> max_length{};
  /// Which text of a pair is cut: "longest_first" (the longer one until both are as long, then
  /// both), or "only_first" and "only_second", which fail where that is not enough.
  std::string truncation = "longest_first";
  std::string truncation_side = "right";  ///< Where tokens are taken off: "right" or "left".
  /// The language of the text, for a tokenizer that marks it ("en_XX", "eng_Latn", "en"). The
  /// files', where empty.
  std::string src_lang{};
};

/// One entry of each list an id.
struct Encoding {
  std::vector<std::int32_t> ids;
  /// In whole characters: the tokens of one character's bytes each have its range. Empty for an id
  /// that stands for no text ({0, 0} for special tokens that were added). Of a pair, each id's
  /// range is within its own text.
  std::vector<ByteRange> offsets;
  /// What BERT calls segments: the post-processor says which ids are of type 0, 1, ...
  std::vector<std::int32_t> type_ids;
  /// The text that an id comes from: 0, 1, or -1 for special tokens that were added.
  std::vector<std::int32_t> sequence_ids;
  /// The word (of the pre-tokenizer) within that text, from 0; -1 for special tokens that were
  /// added.
  std::vector<std::int32_t> word_ids;
};

/// Immutable; copies share one vocabulary; any thread may use it. Text must be valid UTF-8, else
/// Error(invalid_argument). Linear in the length of the text.
class Tokenizer {
 public:
  /// Reads a Hugging Face tokenizer.json, with the optional tokenizer_config.json (special tokens
  /// by role). A component that is not known fails with Error(unsupported) naming it.
  static Tokenizer from_json(std::string_view tokenizer_json,
                             std::string_view tokenizer_config_json = {});
  /// Reads the bytes of a SentencePiece .model file (BPE; byte fallback). add_special_tokens adds
  /// its BOS, if it has one.
  static Tokenizer from_sentencepiece(std::span<const std::byte> model);

  std::vector<std::int32_t> encode(std::string_view text, const EncodeOptions& options = {}) const;
  /// encode(), with where in the text each id comes from.
  Encoding encode_with_offsets(std::string_view text, const EncodeOptions& options = {}) const;
  /// encode() of two texts, put together as the post-processor says: question and context, ...
  Encoding encode_pair(std::string_view first, std::string_view second,
                       const EncodeOptions& options = {}) const;
  /// encode() for a prompt that mixes trusted text with text of others: names of special tokens
  /// become ids only inside the given ranges (ascending, not overlapping), so that a user's text
  /// cannot forge a turn.
  std::vector<std::int32_t> encode(std::string_view text, std::span<const ByteRange> special_inside,
                                   bool add_special_tokens) const;
  /// Text of the ids; bytes that are no valid UTF-8 come out as U+FFFD. Throws for an id out of
  /// range.
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens = true) const;

  /// The largest id plus one. Ids between may have no token: token() throws for them, decode()
  /// passes over them.
  std::int32_t vocabulary_size() const noexcept;
  /// The name of an id as the vocabulary writes it. Throws Error(invalid_argument) when out of
  /// range.
  std::string token(std::int32_t id) const;
  std::optional<std::int32_t> id(std::string_view token) const;
  bool is_special(std::int32_t id) const noexcept;
  std::optional<std::int32_t> bos_token_id() const noexcept;
  std::optional<std::int32_t> eos_token_id() const noexcept;
  std::optional<std::int32_t> unk_token_id() const noexcept;
  std::optional<std::int32_t> pad_token_id() const noexcept;
  std::optional<std::int32_t> sep_token_id() const noexcept;
  std::optional<std::int32_t> cls_token_id() const noexcept;
  std::optional<std::int32_t> mask_token_id() const noexcept;

  /// Decodes a stream of ids: push() returns the text that is now settled, always whole UTF-8
  /// characters.
  class Stream {
   public:
    explicit Stream(const Tokenizer& tokenizer, bool skip_special_tokens = true);
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    ~Stream();
    std::string push(std::int32_t id);
    /// What was held back; an unfinished character comes out as U+FFFD.
    std::string finish();

   private:
    class LOQUOR_HIDDEN Impl;
    std::unique_ptr<Impl> impl_;
  };

  class LOQUOR_HIDDEN Impl;
  explicit Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace loquor
