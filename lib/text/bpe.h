// Byte-pair encoding by ranked merges, as tokenizer.json's "BPE" model and GGUF's "gpt2" define it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "text/merge.h"
#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

/// (left id, right id) -> Merge, whose priority is the rank. Open addressing.
class MergeTable {
 public:
  explicit MergeTable(std::size_t expected);
  /// A pair that is there already gets the new rank.
  void insert(std::int32_t left, std::int32_t right, Merge merge);
  std::optional<Merge> find(std::int32_t left, std::int32_t right) const noexcept;

 private:
  struct Slot {
    std::uint64_t pair = kFree;
    Merge merge{};
  };
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  std::size_t slot(std::uint64_t pair) const noexcept;
  void grow();
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
  std::uint64_t key_;
};

struct BpeOptions {
  std::optional<std::int32_t>
      unknown;                // for a character that has no token; without it such are dropped
  bool fuse_unknown = false;  // one for a run of such characters
  bool byte_fallback =
      false;  // tokens <0x00> to <0xFF> for their bytes, where the vocabulary has them
  bool ignore_merges = false;  // a word that is a token is that token
};

class Bpe final : public TextModel {
 public:
  Bpe(std::shared_ptr<const TokenTable> tokens, MergeTable merges, BpeOptions options);
  std::unique_ptr<Segmenter> segmenter(std::size_t text_size) const override;

 private:
  class Words;
  void add_characters(std::string_view word, Merger& merger) const;
  bool add_bytes(std::string_view word, std::size_t begin, std::size_t end, Merger& merger) const;
  std::int32_t character_id(char32_t c, std::string_view utf8) const noexcept;

  std::shared_ptr<const TokenTable> tokens_;
  MergeTable merges_;
  BpeOptions options_;
  std::vector<std::int32_t> characters_;  // ids of the first code points, -1 where there is none
  std::vector<std::int32_t> bytes_;       // ids of <0x00> to <0xFF>
};

/// Collects merges as a file lists them: in order of rank, by name. Every part and every result
/// must be a token.
class MergeReader {
 public:
  MergeReader(const TokenTable& tokens, std::size_t expected)
      : tokens_(tokens), merges_(expected) {}
  void add(std::string_view left, std::string_view right);
  /// "left right", with one space between.
  void add(std::string_view pair);
  MergeTable finish() { return std::move(merges_); }

 private:
  std::int32_t require(std::string_view token) const;
  const TokenTable& tokens_;
  MergeTable merges_;
  std::uint32_t rank_ = 0;
  std::string merged_;
};

/// The ids of <0x00> to <0xFF>, -1 for those that the vocabulary lacks.
std::vector<std::int32_t> byte_token_ids(const TokenTable& tokens);

}  // namespace loquor
