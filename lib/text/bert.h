// What BERT's normalizer and pre-tokenizer hold for punctuation, marks and control characters.
#pragma once

namespace loquor::bert {

/// As Hugging Face tokenizers classify characters, by Unicode 8.0.
bool is_punctuation(char32_t c) noexcept;
bool is_nonspacing_mark(char32_t c) noexcept;
bool is_control(char32_t c) noexcept;

}  // namespace loquor::bert
