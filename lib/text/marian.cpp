// Marian's two SentencePiece models over one vocabulary. As transformers' MarianTokenizer without
// sacremoses: punctuation is not normalized.
#include "base/error.h"
#include "text/vocab_json.h"
#include "text/vocabulary_files.h"

namespace loquor {
namespace {

Tokenizer make_tokenizer(std::string_view model, const std::shared_ptr<const TokenTable>& tokens,
                         const Json& config) {
  Tokenizer::Impl::Parts parts = pieces_with_ids(model, tokens, config);
  using Kind = TemplatePart::Kind;
  parts.post_processor.single = {{Kind::first, 0, {}}, {Kind::special, 0, {*parts.eos}}};
  parts.post_processor.pair = {
      {Kind::first, 0, {}}, {Kind::second, 0, {}}, {Kind::special, 0, {*parts.eos}}};
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
  const auto tokens = std::make_shared<const TokenTable>(read_vocab_json(vocab_json));
  return {within("source.spm", [&] { return make_tokenizer(source_model, tokens, config); }),
          within("target.spm", [&] { return make_tokenizer(target_model, tokens, config); })};
}

}  // namespace loquor
