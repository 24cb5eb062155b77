// Tokenizers of Hugging Face directories that have no tokenizer.json: what transformers'
// tokenizer classes make of the files beside tokenizer_config.json.
#pragma once

#include <span>
#include <string_view>

#include "loquor/tokenizer.hpp"

namespace loquor {

/// BERT's: one token a line. The config, which may be empty, says do_lower_case, strip_accents,
/// tokenize_chinese_chars, and the names of special tokens.
Tokenizer tokenizer_from_vocab_txt(std::string_view vocab_txt, std::string_view tokenizer_config);

/// A SentencePiece model, its ids and special tokens as the config's tokenizer_class wants them.
/// Throws Error(unsupported) for a class that is not known, naming it and those that are.
Tokenizer tokenizer_from_sentencepiece_class(std::string_view model,
                                             std::string_view tokenizer_config);

/// Marian's pair: texts to be translated, and translations. The two share one vocabulary.
struct MarianTokenizers {
  Tokenizer source, target;
};
MarianTokenizers tokenizers_from_marian(std::string_view source_model,
                                        std::string_view target_model, std::string_view vocab_json,
                                        std::string_view tokenizer_config);

}  // namespace loquor
