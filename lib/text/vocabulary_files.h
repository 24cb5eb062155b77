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

/// A SentencePiece model (spiece.model, sentencepiece.bpe.model) as the config's tokenizer_class
/// converts it.
/// Throws Error(unsupported) for a class that is not known, naming it and those that are.
Tokenizer tokenizer_from_sentencepiece_class(std::string_view model,
                                             std::string_view tokenizer_config);

/// A tokenizer.model of Llama, Mistral, Gemma or ChatGLM, or of no class, with the tokens that the
/// config adds, add_bos_token (usually true), add_eos_token, add_prefix_space and legacy. Throws
/// Error(unsupported) for another tokenizer_class.
Tokenizer tokenizer_from_tokenizer_model(std::string_view model, std::string_view tokenizer_config);

/// Byte-level BPE of GPT-2, RoBERTa, BART or Qwen2. Throws Error(unsupported) for another
/// tokenizer_class.
Tokenizer tokenizer_from_vocab_and_merges(std::string_view vocab_json, std::string_view merges_txt,
                                          std::string_view tokenizer_config);

/// M2M-100's, with languages; of another tokenizer_class throws Error(unsupported).
Tokenizer tokenizer_from_m2m_100(std::string_view model, std::string_view vocab_json,
                                 std::string_view tokenizer_config);

/// Marian's pair: texts to be translated, and translations. The two share one vocabulary.
struct MarianTokenizers {
  Tokenizer source, target;
};
MarianTokenizers tokenizers_from_marian(std::string_view source_model,
                                        std::string_view target_model, std::string_view vocab_json,
                                        std::string_view tokenizer_config);

}  // namespace loquor
