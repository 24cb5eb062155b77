// Characters become symbols, symbols merge by rank. Ids agree with Hugging Face tokenizers'
// models/bpe.
#include "text/bpe.h"

#include <bit>

#include "base/error.h"
#include "base/utf8.h"

namespace loquor {
namespace {

// Covers the byte-level alphabet and the common scripts of two-byte characters.
constexpr char32_t kDirectCharacters = 0x800;

std::uint64_t pair_of(std::int32_t left, std::int32_t right) noexcept {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}

}  // namespace

MergeTable::MergeTable(std::size_t expected)
    : slots_(std::bit_ceil(expected + expected / 2 + 2)), key_(hash_key()) {}

std::size_t MergeTable::slot(std::uint64_t pair) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(pair, key_) & mask;
  while (slots_[at].pair != kFree && slots_[at].pair != pair) at = (at + 1) & mask;
  return at;
}

void MergeTable::insert(std::int32_t left, std::int32_t right, Merge merge) {
  const std::uint64_t pair = pair_of(left, right);
  Slot& free_or_same = slots_[slot(pair)];
  if (free_or_same.pair == kFree) ++count_;
  free_or_same = {pair, merge};
  if (3 * count_ > 2 * slots_.size()) grow();
}

void MergeTable::grow() {
  std::vector<Slot> old(2 * slots_.size());
  old.swap(slots_);
  for (const Slot& entry : old) {
    if (entry.pair != kFree) slots_[slot(entry.pair)] = entry;
  }
}

std::optional<Merge> MergeTable::find(std::int32_t left, std::int32_t right) const noexcept {
  const Slot& found = slots_[slot(pair_of(left, right))];
  return found.pair == kFree ? std::nullopt : std::optional(found.merge);
}

std::int32_t MergeReader::require(std::string_view token) const {
  const auto id = tokens_.find(token);
  if (!id)
    fail(Code::invalid_file, "merge ", rank_, " needs the token ", quoted(token),
         ", which is not in the vocabulary");
  return *id;
}

void MergeReader::add(std::string_view left, std::string_view right) {
  merged_.assign(left).append(right);
  const std::int32_t left_id = require(left);
  const std::int32_t right_id = require(right);
  merges_.insert(left_id, right_id, {rank_, require(merged_)});
  ++rank_;
}

void MergeReader::add(std::string_view pair) {
  const std::size_t space = pair.find(' ');
  if (space == std::string_view::npos || pair.find(' ', space + 1) != std::string_view::npos) {
    fail(Code::invalid_file, "merge ", rank_, " is ", quoted(pair),
         ", expected two tokens with one space between");
  }
  add(pair.substr(0, space), pair.substr(space + 1));
}

std::vector<std::int32_t> byte_token_ids(const TokenTable& tokens) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::vector<std::int32_t> ids(256, -1);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    ids[byte] = tokens.find(text("<0x", kDigits[byte >> 4], kDigits[byte & 15], '>')).value_or(-1);
  }
  return ids;
}

Bpe::Bpe(std::shared_ptr<const TokenTable> tokens, MergeTable merges, BpeOptions options)
    : tokens_(std::move(tokens)),
      merges_(std::move(merges)),
      options_(options),
      characters_(kDirectCharacters) {
  std::string utf8;
  for (char32_t c = 0; c < kDirectCharacters; ++c) {
    utf8.clear();
    append_utf8(utf8, c);
    characters_[c] = tokens_->find_in_model(utf8).value_or(-1);
  }
  if (options_.byte_fallback) bytes_ = byte_token_ids(*tokens_);
}

std::int32_t Bpe::character_id(char32_t c, std::string_view utf8) const noexcept {
  return c < kDirectCharacters ? characters_[c] : tokens_->find_in_model(utf8).value_or(-1);
}

// Adds the byte tokens of a character if the vocabulary has them all.
bool Bpe::add_bytes(std::string_view word, std::size_t begin, std::size_t end,
                    Merger& merger) const {
  const auto id = [&](std::size_t i) { return bytes_[static_cast<unsigned char>(word[i])]; };
  for (std::size_t i = begin; i < end; ++i) {
    if (id(i) < 0) return false;
  }
  for (std::size_t i = begin; i < end; ++i) merger.add(id(i), i, i + 1);
  return true;
}

void Bpe::add_characters(std::string_view word, Merger& merger) const {
  bool after_unknown = false;
  for (std::size_t begin = 0, end = 0; begin < word.size(); begin = end) {
    const char32_t c = next_code_point(word, end);
    const std::int32_t id = character_id(c, word.substr(begin, end - begin));
    const bool known = id >= 0 || (options_.byte_fallback && add_bytes(word, begin, end, merger));
    if (id >= 0) {
      merger.add(id, begin, end);
    } else if (!known && options_.unknown) {
      if (after_unknown && options_.fuse_unknown) {
        merger.extend_last(end);
      } else {
        merger.add(*options_.unknown, begin, end);
      }
    }
    after_unknown = !known;
  }
}

class Bpe::Words final : public Segmenter {
 public:
  Words(const Bpe& model, std::size_t text_size) : model_(model), cache_(text_size) {}

  void segment(std::string_view word, std::vector<WordToken>& tokens) override {
    if (model_.options_.ignore_merges) {
      if (const auto id = model_.tokens_->find_in_model(word)) {
        tokens.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
        return;
      }
    }
    if (cache_.find(word, tokens)) return;
    const std::size_t before = tokens.size();
    merger_.clear();
    model_.add_characters(word, merger_);
    merger_.run([&](const Symbol& left, const Symbol& right) {
      return model_.merges_.find(left.id, right.id);
    });
    merger_.for_each([&](const Symbol& symbol) {
      tokens.push_back({symbol.id, symbol.begin, symbol.end});
    });
    cache_.insert(word, tokens.data() + before, tokens.size() - before);
  }

 private:
  const Bpe& model_;
  WordCache cache_;
  Merger merger_;
};

std::unique_ptr<Segmenter> Bpe::segmenter(std::size_t text_size) const {
  return std::make_unique<Words>(*this, text_size);
}

}  // namespace loquor
