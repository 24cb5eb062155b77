// Cutting the tokens of a text, or of a pair, down to a length.
#pragma once

#include "text/tokenizer_impl.h"

namespace loquor {

/// Cuts as Hugging Face tokenizers do, so that with `added` special tokens max_length, which is
/// set, is kept.
/// Throws Error(invalid_argument) where the strategy cannot.
void truncate(TextTokens& first, TextTokens* second, const EncodeOptions& options,
              std::size_t added);

}  // namespace loquor
