#include "text/mapped_model.h"

namespace loquor {

MappedModel::MappedModel(std::unique_ptr<const TextModel> pieces, std::vector<std::int32_t> ids,
                         std::int32_t unknown, std::shared_ptr<const TokenTable> tokens)
    : pieces_(std::move(pieces)),
      ids_(std::move(ids)),
      unknown_(unknown),
      tokens_(std::move(tokens)) {}

class MappedModel::Words final : public Segmenter {
 public:
  Words(const MappedModel& model, std::size_t text_size)
      : model_(model), inner_(model.pieces_->segmenter(text_size)) {}

  void segment(std::string_view word, std::vector<WordToken>& tokens) override {
    const std::size_t before = tokens.size();
    inner_->segment(word, tokens);
    for (std::size_t i = before; i < tokens.size(); ++i) {
      WordToken& token = tokens[i];
      const std::int32_t mapped = model_.ids_[static_cast<std::size_t>(token.id)];
      token.id =
          token.id == model_.unknown_
              ? model_.tokens_->find_in_model(word.substr(token.begin, token.end - token.begin))
                    .value_or(mapped)
              : mapped;
    }
  }

 private:
  const MappedModel& model_;
  std::unique_ptr<Segmenter> inner_;
};

std::unique_ptr<Segmenter> MappedModel::segmenter(std::size_t text_size) const {
  return std::make_unique<Words>(*this, text_size);
}

}  // namespace loquor
