// The longest match from each place on; ids agree with Hugging Face tokenizers' models/wordpiece.
#include "text/wordpiece.h"

#include "base/utf8.h"

namespace loquor {
namespace {

std::size_t count_characters(std::string_view word) noexcept {
  std::size_t count = 0;
  for (const char c : word) count += (c & 0xC0) != 0x80;
  return count;
}

}  // namespace

WordPiece::WordPiece(const TokenTable& tokens, WordPieceOptions options)
    : options_(std::move(options)) {
  std::vector<std::pair<std::string_view, std::int32_t>> starting, continuing;
  const std::string_view prefix = options_.continuing_prefix;
  for (std::int32_t id = 0; id < tokens.size(); ++id) {
    const std::string_view name = tokens.name(id);
    if (name.empty()) continue;
    starting.emplace_back(name, id);
    if (name.size() > prefix.size() && name.starts_with(prefix))
      continuing.emplace_back(name.substr(prefix.size()), id);
  }
  starting_ = StringSet(std::move(starting));
  continuing_ = StringSet(std::move(continuing));
}

class WordPiece::Words final : public Segmenter {
 public:
  explicit Words(const WordPiece& model) : model_(model) {}

  void segment(std::string_view word, std::vector<WordToken>& tokens) override {
    const std::size_t before = tokens.size();
    if (count_characters(word) <= model_.options_.max_input_chars_per_word &&
        add_pieces(word, tokens)) {
      return;
    }
    tokens.resize(before);
    tokens.push_back({model_.options_.unknown, 0, static_cast<std::uint32_t>(word.size())});
  }

 private:
  bool add_pieces(std::string_view word, std::vector<WordToken>& tokens) const {
    for (std::size_t begin = 0; begin < word.size();) {
      const StringSet& pieces = begin == 0 ? model_.starting_ : model_.continuing_;
      const auto match = pieces.longest_prefix(word.substr(begin));
      if (match.size == 0) return false;
      const std::size_t end = begin + match.size;
      tokens.push_back(
          {match.number, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
      begin = end;
    }
    return true;
  }

  const WordPiece& model_;
};

std::unique_ptr<Segmenter> WordPiece::segmenter(std::size_t) const {
  return std::make_unique<Words>(*this);
}

}  // namespace loquor
