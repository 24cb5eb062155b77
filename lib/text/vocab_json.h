// vocab.json beside SentencePiece models, whose pieces have its ids: Marian's and M2M-100's.
#pragma once

#include <memory>
#include <string_view>

#include "base/json.h"
#include "text/tokenizer_impl.h"

namespace loquor {

/// {"<s>": 0, "a": 1, ...}
TokenTable read_vocab_json(std::string_view vocab_json);

/// The parts of a tokenizer with such a model, all but the post-processor. Tokens with a role are
/// the config's, else "<unk>", "</s>" and "<pad>".
Tokenizer::Impl::Parts pieces_with_ids(std::string_view sentencepiece,
                                       const std::shared_ptr<const TokenTable>& tokens,
                                       const Json& config);

}  // namespace loquor
