// A model whose pieces have other ids in the tokenizer around it: those of a vocabulary file.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "text/text_model.h"
#include "text/token_table.h"

namespace loquor {

class MappedModel final : public TextModel {
 public:
  /// Piece i of `pieces` becomes ids[i]. What `pieces` has no name for, which it gives as
  /// `unknown`, is looked up in `tokens` as it stands, and else becomes that ids[unknown].
  MappedModel(std::unique_ptr<const TextModel> pieces, std::vector<std::int32_t> ids,
              std::int32_t unknown, std::shared_ptr<const TokenTable> tokens);
  std::unique_ptr<Segmenter> segmenter(std::size_t text_size) const override;

 private:
  class Words;
  std::unique_ptr<const TextModel> pieces_;
  std::vector<std::int32_t> ids_;
  std::int32_t unknown_;
  std::shared_ptr<const TokenTable> tokens_;
};

}  // namespace loquor
