// M2M-100's SentencePiece model with the ids of a vocab.json, and a token for each language behind
// them, as transformers' M2M100Tokenizer has it.
#include "base/error.h"
#include "text/class_tokens.h"
#include "text/special_roles.h"
#include "text/vocab_json.h"
#include "text/vocabulary_files.h"

namespace loquor {

Tokenizer tokenizer_from_m2m_100(std::string_view model, std::string_view vocab_json,
                                 std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  const std::string_view name = tokenizer_class(config);
  if (name != "M2M100Tokenizer") {
    fail(Code::unsupported, "tokenizer_class ", quoted(std::string(name)),
         " with a vocab.json beside the SentencePiece model is not supported, expected "
         "M2M100Tokenizer");
  }
  const auto tokens = std::make_shared<TokenTable>(read_vocab_json(vocab_json));
  tokens->end_model();
  std::vector<AddedToken> languages;
  for (const std::string& language : language_tokens(name, config)) {
    const auto id = static_cast<std::int32_t>(tokens->count());
    tokens->add(id, language);
    make_special(id, language, languages);
  }
  Tokenizer::Impl::Parts parts = pieces_with_ids(model, tokens, config);
  for (AddedToken& language : languages) parts.added.push_back(std::move(language));
  add_class_tokens(config,
                   {.bos = "<s>", .eos = "</s>", .unk = "<unk>", .sep = "</s>", .pad = "<pad>"},
                   *tokens, parts);
  set_languages(config, parts);
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(std::move(parts)));
}

}  // namespace loquor
