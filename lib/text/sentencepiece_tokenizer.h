// A SentencePiece .model file as the parts of a tokenizer.
#pragma once

#include <string_view>

#include "text/sentencepiece_model.h"
#include "text/tokenizer_impl.h"

namespace loquor {

/// Its own ids; `unk` is always there. Throws Error for what is not such a file, or not supported.
Tokenizer::Impl::Parts sentencepiece_parts(const SentencePieceModel& model);
Tokenizer::Impl::Parts read_sentencepiece(std::string_view bytes);

}  // namespace loquor
