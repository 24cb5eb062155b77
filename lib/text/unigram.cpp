// Viterbi's algorithm, the best way to each place in turn. Ids agree with Hugging Face tokenizers'
// models/unigram and with SentencePiece's unigram_model.cc, down to their rounding.
#include "text/unigram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/utf8.h"
#include "text/bpe.h"

namespace loquor {
namespace {

constexpr float kUnknownPenalty = 10;

std::size_t character_size(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

Unigram::Unigram(std::shared_ptr<const TokenTable> tokens, std::vector<double> scores,
                 std::optional<std::int32_t> unknown, bool byte_fallback)
    : tokens_(std::move(tokens)),
      scores_(std::move(scores)),
      unknown_(unknown),
      is_sentencepiece_(false) {
  std::vector<std::pair<std::string_view, std::int32_t>> names;
  for (std::int32_t id = 0; id < tokens_->size(); ++id) {
    const std::string_view name = tokens_->name(id);
    if (!name.empty() && tokens_->find_in_model(name)) names.emplace_back(name, id);
  }
  pieces_ = StringSet(std::move(names));
  unknown_score_ = *std::min_element(scores_.begin(), scores_.end()) - double{kUnknownPenalty};
  if (!byte_fallback) return;
  bytes_ = byte_token_ids(*tokens_);
}

Unigram::Unigram(std::shared_ptr<const TokenTable> tokens, const std::vector<Piece>& pieces)
    : tokens_(std::move(tokens)), is_sentencepiece_(true) {
  std::vector<std::pair<std::string_view, std::int32_t>> names;
  float smallest = std::numeric_limits<float>::max();
  largest_ = std::numeric_limits<float>::min();  // so it starts there: the smallest above zero
  bool has_bytes = false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& [score, type] = pieces[i];
    const auto id = static_cast<std::int32_t>(i);
    if (std::isnan(score)) {
      fail(Code::invalid_file, "the score of token ", quoted(tokens_->name(id)),
           " is not a number");
    }
    scores_.push_back(score);
    bonus_.push_back(type == PieceType::user_defined);
    if (type == PieceType::normal) {
      smallest = std::min(smallest, score);
      largest_ = std::max(largest_, score);
    }
    if (type == PieceType::unknown) unknown_ = id;
    if (type == PieceType::byte) has_bytes = true;
    // Unused pieces are never found.
    if (type == PieceType::normal || type == PieceType::user_defined)
      names.emplace_back(tokens_->name(id), id);
  }
  if (!unknown_) fail(Code::invalid_file, "the vocabulary has no unknown token");
  pieces_ = StringSet(std::move(names));
  unknown_score_ = smallest - kUnknownPenalty;
  if (!has_bytes) return;
  bytes_ = byte_token_ids(*tokens_);
  const auto missing = std::find(bytes_.begin(), bytes_.end(), -1);
  if (missing != bytes_.end()) {
    fail(Code::invalid_file, "the vocabulary has byte tokens, but none for byte ",
         missing - bytes_.begin());
  }
}

/// Sums are kept as Score.
template <class Score>
class Unigram::Words final : public Segmenter {
 public:
  Words(const Unigram& model, std::size_t text_size) : model_(model), cache_(text_size) {}

  void segment(std::string_view word, std::vector<WordToken>& tokens) override {
    if (cache_.find(word, tokens)) return;
    const std::size_t before = tokens.size();
    find_best_way(word);
    path_.clear();
    for (std::size_t end = word.size(); end > 0; end = best_[end].begin) {
      path_.push_back({best_[end].id, best_[end].begin, static_cast<std::uint32_t>(end)});
    }
    add_tokens(word, tokens);
    cache_.insert(word, tokens.data() + before, tokens.size() - before);
  }

 private:
  struct Best {  // way to a place: its sum, and its last token
    Score sum = 0;
    std::int32_t id = -1;
    std::uint32_t begin = kNone;
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void offer(std::size_t begin, std::size_t end, std::int32_t id, double score) {
    Best& best = best_[end];
    const Score sum = static_cast<Score>(score) + best_[begin].sum;
    if (best.begin == kNone || sum > best.sum) best = {sum, id, static_cast<std::uint32_t>(begin)};
  }

  void find_best_way(std::string_view word) {
    best_.assign(word.size() + 1, {});
    for (std::size_t begin = 0, next = 0; begin < word.size(); begin = next) {
      next = begin + character_size(word[begin]);
      bool has_character = false;
      model_.pieces_.for_each_prefix(word.substr(begin), [&](std::int32_t id, std::size_t size) {
        offer(begin, begin + size, id, model_.score(id, size));
        has_character |= begin + size == next;
      });
      if (has_character) continue;
      offer(begin, next, model_.unknown_.value_or(-1), model_.unknown_score_);
    }
  }

  // The path, which runs backwards, with each run of unknown characters as one.
  void add_tokens(std::string_view word, std::vector<WordToken>& tokens) const {
    for (std::size_t i = path_.size(); i-- > 0;) {
      WordToken token = path_[i];
      if (token.id != model_.unknown_.value_or(-1)) {
        tokens.push_back(token);
        continue;
      }
      for (; i > 0 && path_[i - 1].id == token.id; --i) token.end = path_[i - 1].end;
      add_unknown(word, token, tokens);
    }
  }

  void add_unknown(std::string_view word, WordToken token, std::vector<WordToken>& tokens) const {
    const std::string_view run = word.substr(token.begin, token.end - token.begin);
    if (!model_.is_sentencepiece_) {
      // Characters that are none alone may be a token together.
      const auto match = model_.pieces_.longest_prefix(run);
      if (match.size == run.size()) return tokens.push_back({match.number, token.begin, token.end});
    }
    const auto id = [&](char c) { return model_.bytes_[static_cast<unsigned char>(c)]; };
    if (!model_.bytes_.empty() &&
        std::all_of(run.begin(), run.end(), [&](char c) { return id(c) >= 0; })) {
      // Hugging Face tokenizers give each byte the range of the whole run.
      for (std::uint32_t i = token.begin; i < token.end; ++i) {
        tokens.push_back({id(word[i]), model_.is_sentencepiece_ ? i : token.begin,
                          model_.is_sentencepiece_ ? i + 1 : token.end});
      }
      return;
    }
    if (!model_.unknown_) {
      fail(Code::invalid_argument, "the vocabulary has no token for ", quoted(run),
           " and no unknown token");
    }
    tokens.push_back(token);
  }

  const Unigram& model_;
  WordCache cache_;
  std::vector<Best> best_;
  std::vector<WordToken> path_;
};

std::unique_ptr<Segmenter> Unigram::segmenter(std::size_t text_size) const {
  if (is_sentencepiece_) return std::make_unique<Words<float>>(*this, text_size);
  return std::make_unique<Words<double>>(*this, text_size);
}

}  // namespace loquor
