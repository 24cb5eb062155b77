#include "text/vocab_json.h"

#include "base/error.h"
#include "text/mapped_model.h"
#include "text/model_json.h"
#include "text/sentencepiece_tokenizer.h"
#include "text/special_roles.h"

namespace loquor {

TokenTable read_vocab_json(std::string_view vocab_json) {
  TokenTable tokens;
  within("vocab.json", [&] {
    JsonReader reader(vocab_json);
    read_vocabulary(reader, tokens);
    reader.end();
  });
  return tokens;
}

Tokenizer::Impl::Parts pieces_with_ids(std::string_view sentencepiece,
                                       const std::shared_ptr<const TokenTable>& tokens,
                                       const Json& config) {
  Tokenizer::Impl::Parts pieces = read_sentencepiece(sentencepiece);
  Tokenizer::Impl::Parts parts;
  const auto role = [&](const char* key, const char* otherwise) {
    const Json* found = config.find(key);
    const std::string* name = found ? within(key, [&] { return name_of(*found); }) : nullptr;
    const std::string wanted = name ? *name : otherwise;
    const auto id = tokens->find(wanted);
    if (!id) fail(Code::invalid_file, key, ' ', quoted(wanted), " is not in the vocabulary");
    make_special(*id, wanted, parts.added);
    return *id;
  };
  parts.unk = role("unk_token", "<unk>");
  parts.eos = role("eos_token", "</s>");
  parts.pad = role("pad_token", "<pad>");
  std::vector<std::int32_t> ids;
  for (std::int32_t id = 0; id < pieces.tokens->size(); ++id)
    ids.push_back(tokens->find(pieces.tokens->name(id)).value_or(*parts.unk));
  parts.normalizers = std::move(pieces.normalizers);
  parts.model = std::make_unique<MappedModel>(std::move(pieces.model), std::move(ids),
                                              pieces.unk.value(), tokens);
  parts.decoder = std::move(pieces.decoder);
  parts.tokens = tokens;
  return parts;
}

}  // namespace loquor
