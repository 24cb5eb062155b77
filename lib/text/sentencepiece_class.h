// What transformers' tokenizer classes make of a SentencePiece model, a class each, as data.
#pragma once

#include <string_view>

#include "text/class_tokens.h"
#include "text/sentencepiece_model.h"

namespace loquor {

struct SentencePieceClass {
  enum class Steps { map, map_then_spaces, albert };                    // of the normalizer
  enum class Around { end, each_end, bert, roberta, xlnet, language };  // special tokens of texts

  std::string_view name;
  RoleNames roles;
  SentencePieceModel::Type type = SentencePieceModel::Type::unigram;

  // Ids: those of the front from 0 on, in place of the model's first pieces; the other pieces;
  // languages; and a <mask>.
  std::string_view front{};
  std::size_t replaced = 0;
  double front_score = 0;  // an unknown character is worth less than any token, these too
  bool has_mask_behind = false;

  Steps steps = Steps::map;
  bool split_white_space = true;
  bool do_lower_case = false;  // where the config does not say
  bool prefix_option = false;  // whether the class has add_prefix_space
  Around around = Around::each_end;
};

/// Throws Error(unsupported) for a class that is not known, naming it and those that are.
const SentencePieceClass& find_sentencepiece_class(std::string_view name);

}  // namespace loquor
