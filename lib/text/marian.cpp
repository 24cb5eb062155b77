// Marian's two SentencePiece models over one vocabulary. As transformers' MarianTokenizer without
// sacremoses: punctuation is not normalized.
#include "base/error.h"
#include "text/mapped_model.h"
#include "text/model_json.h"
#include "text/sentencepiece_tokenizer.h"
#include "text/special_roles.h"
#include "text/vocabulary_files.h"

namespace loquor {
namespace {

using Parts = Tokenizer::Impl::Parts;

Tokenizer make_tokenizer(std::string_view model, const std::shared_ptr<const TokenTable>& tokens,
                         const Json& config) {
  Parts pieces = read_sentencepiece(model);
  Parts parts;
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
  using Kind = TemplatePart::Kind;
  parts.post_processor.single = {{Kind::first, 0, {}}, {Kind::special, 0, {*parts.eos}}};
  parts.post_processor.pair = {
      {Kind::first, 0, {}}, {Kind::second, 0, {}}, {Kind::special, 0, {*parts.eos}}};
  parts.tokens = tokens;
  parts.language_codes = true;
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(std::move(parts)));
}

}  // namespace

MarianTokenizers tokenizers_from_marian(std::string_view source_model,
                                        std::string_view target_model, std::string_view vocab_json,
                                        std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  if (const Json* separate = config.find("separate_vocabs");
      separate && !separate->is_null() && separate->as_bool()) {
    fail(Code::unsupported, "separate_vocabs of MarianTokenizer is not supported");
  }
  const auto tokens = std::make_shared<TokenTable>();
  within("vocab.json", [&] {
    JsonReader reader(vocab_json);
    read_vocabulary(reader, *tokens);
    reader.end();
  });
  return {within("source.spm", [&] { return make_tokenizer(source_model, tokens, config); }),
          within("target.spm", [&] { return make_tokenizer(target_model, tokens, config); })};
}

}  // namespace loquor
