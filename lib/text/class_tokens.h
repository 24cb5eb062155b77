// The tokens that a tokenizer class of transformers has beside its model: those with a role, and
// those that a folder's files add.
#pragma once

#include <string_view>

#include "base/json.h"
#include "text/token_table.h"
#include "text/tokenizer_impl.h"

namespace loquor {

/// The names that a class gives its tokens with a role where a config does not; empty: none.
struct RoleNames {
  std::string_view bos{}, eos{}, unk{}, sep{}, pad{}, cls{}, mask{};
  bool mask_takes_space = false;  // what is white in front of it, where a config does not say
};

/// Those of models that were trained with fairseq: RoBERTa, BART, XLM-RoBERTa, mBART, ...
inline constexpr RoleNames kFairseqRoles{.bos = "<s>",
                                         .eos = "</s>",
                                         .unk = "<unk>",
                                         .sep = "</s>",
                                         .pad = "<pad>",
                                         .cls = "<s>",
                                         .mask = "<mask>",
                                         .mask_takes_space = true};

/// The member of the config, or nothing where it is not there, or null.
std::optional<bool> flag_of(const Json& config, const char* key);

/// Adds the tokens of added_tokens_decoder, those with a role, and extra_special_tokens (in older
/// files additional_special_tokens) to `parts`, in that order; what the vocabulary lacks goes
/// behind it. Sets the ids of roles. Throws Error(invalid_file) where vocabulary and config
/// disagree.
void add_class_tokens(const Json& config, const RoleNames& names, TokenTable& tokens,
                      Tokenizer::Impl::Parts& parts);

}  // namespace loquor
