// Any two neighbours whose text is a piece may merge; the best score goes first. Ids agree with
// SentencePiece's bpe_model.cc: unused pieces take part in merging and are taken apart again at the
// end.
#include "text/sentencepiece_bpe.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "base/utf8.h"
#include "text/bpe.h"
#include "text/merge.h"
#include "text/space_mark.h"

namespace loquor {
namespace {

// Numbers that ascend as scores descend.
std::uint32_t priority(float score) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(score == 0 ? 0.0f : score);
  return (bits & 0x80000000) != 0 ? bits : ~(bits | 0x80000000);
}

// Where the next word starts: in front of a space behind another character.
std::size_t next_word(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin;
  while (text.substr(at).starts_with(kSpaceMark)) at += kSpaceMark.size();
  return std::min(text.find(kSpaceMark, at), text.size());
}

}  // namespace

SentencePieceBpe::SentencePieceBpe(std::shared_ptr<const TokenTable> tokens,
                                   std::vector<Piece> pieces, StringSet user_defined)
    : tokens_(std::move(tokens)),
      pieces_(std::move(pieces)),
      user_defined_(std::move(user_defined)) {
  priorities_.reserve(pieces_.size());
  bool has_bytes = false;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const auto& [score, type] = pieces_[i];
    const std::string_view name = tokens_->name(static_cast<std::int32_t>(i));
    if (std::isnan(score))
      fail(Code::invalid_file, "the score of token ", quoted(name), " is not a number");
    priorities_.push_back(priority(score));
    if (type == PieceType::unknown) unknown_ = static_cast<std::int32_t>(i);
    if (type == PieceType::byte) has_bytes = true;
    const bool merges =
        type == PieceType::normal || type == PieceType::user_defined || type == PieceType::unused;
    if (merges && next_word(name, 0) != name.size()) words_part_at_spaces_ = false;
  }
  if (has_bytes) {
    bytes_ = byte_token_ids(*tokens_);
    for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
      if (bytes_[byte] < 0)
        fail(Code::invalid_file, "the vocabulary has byte tokens, but none for byte ", byte);
    }
  } else if (unknown_ < 0) {
    fail(Code::invalid_file, "the vocabulary has neither an unknown token nor byte tokens");
  }
  // Runs of unknown characters must end where words do, and what an unused piece comes apart into
  // depends on the whole text.
  const auto is_unused = [](const Piece& piece) { return piece.type == PieceType::unused; };
  if (find(kSpaceMark) < 0 || std::any_of(pieces_.begin(), pieces_.end(), is_unused))
    words_part_at_spaces_ = false;
}

std::int32_t SentencePieceBpe::find(std::string_view text) const noexcept {
  if (text.size() > tokens_->longest_name()) return -1;
  const std::int32_t id = tokens_->find(text).value_or(-1);
  if (id < 0) return -1;
  const PieceType type = pieces_[static_cast<std::size_t>(id)].type;
  const bool reserved =
      type == PieceType::unknown || type == PieceType::control || type == PieceType::byte;
  return reserved ? -1 : id;
}

class SentencePieceBpe::Words final : public Segmenter {
 public:
  Words(const SentencePieceBpe& model, std::size_t text_size) : model_(model), cache_(text_size) {}

  void segment(std::string_view text, std::vector<WordToken>& tokens) override {
    if (!model_.words_part_at_spaces_) return segment_word(text, tokens);
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
      end = next_word(text, begin);
      const std::string_view word = text.substr(begin, end - begin);
      const std::size_t before = tokens.size();
      if (!cache_.find(word, tokens)) {
        segment_word(word, tokens);
        cache_.insert(word, tokens.data() + before, tokens.size() - before);
      }
      for (std::size_t i = before; i < tokens.size(); ++i) {
        tokens[i].begin += static_cast<std::uint32_t>(begin);
        tokens[i].end += static_cast<std::uint32_t>(begin);
      }
    }
  }

 private:
  PieceType type(std::int32_t id) const {
    return model_.pieces_[static_cast<std::size_t>(id)].type;
  }

  void add_symbols(std::string_view word) {
    merger_.clear();
    for (std::size_t begin = 0, end = 0; begin < word.size(); begin = end) {
      if (const auto match = model_.user_defined_.longest_prefix(word.substr(begin));
          match.size != 0) {
        end = begin + match.size;
        merger_.add(match.number, begin, end);
      } else {
        next_code_point(word, end);
        merger_.add(model_.find(word.substr(begin, end - begin)), begin, end);
      }
    }
  }

  std::optional<Merge> merge(std::string_view word, const Symbol& left, const Symbol& right) {
    const auto is_fixed = [&](const Symbol& symbol) {
      return symbol.id >= 0 && type(symbol.id) == PieceType::user_defined;
    };
    if (is_fixed(left) || is_fixed(right)) return std::nullopt;
    const std::int32_t id = model_.find(word.substr(left.begin, right.end - left.begin));
    if (id < 0) return std::nullopt;
    if (type(id) == PieceType::unused) taken_apart_[id] = left.end - left.begin;
    return Merge{model_.priorities_[static_cast<std::size_t>(id)], id};
  }

  void segment_word(std::string_view word, std::vector<WordToken>& tokens) {
    first_ = tokens.size();
    taken_apart_.clear();
    add_symbols(word);
    merger_.run([&](const Symbol& left, const Symbol& right) { return merge(word, left, right); });
    merger_.for_each([&](const Symbol& symbol) {
      stack_.assign(1, {symbol.id, symbol.begin, symbol.end});
      while (!stack_.empty()) {
        const WordToken part = stack_.back();
        stack_.pop_back();
        const auto apart = part.id >= 0 && type(part.id) == PieceType::unused
                               ? taken_apart_.find(part.id)
                               : taken_apart_.end();
        if (apart == taken_apart_.end()) {
          emit(word, part, tokens);
          continue;
        }
        const std::uint32_t middle = part.begin + apart->second;
        stack_.push_back({model_.find(word.substr(middle, part.end - middle)), middle, part.end});
        stack_.push_back(
            {model_.find(word.substr(part.begin, middle - part.begin)), part.begin, middle});
      }
    });
  }

  void emit(std::string_view word, const WordToken& part, std::vector<WordToken>& tokens) const {
    if (part.id >= 0) {
      tokens.push_back(part);
    } else if (!model_.bytes_.empty()) {
      for (std::uint32_t i = part.begin; i < part.end; ++i) {
        tokens.push_back({model_.bytes_[static_cast<unsigned char>(word[i])], i, i + 1});
      }
    } else if (tokens.size() > first_ && tokens.back().id == model_.unknown_) {
      tokens.back().end = part.end;
    } else {
      tokens.push_back({model_.unknown_, part.begin, part.end});
    }
  }

  const SentencePieceBpe& model_;
  WordCache cache_;
  Merger merger_;
  std::unordered_map<std::int32_t, std::uint32_t>
      taken_apart_;  // unused piece -> bytes of its left half
  std::vector<WordToken> stack_;
  std::size_t first_ = 0;
};

std::unique_ptr<Segmenter> SentencePieceBpe::segmenter(std::size_t text_size) const {
  return std::make_unique<Words>(*this, text_size);
}

}  // namespace loquor
