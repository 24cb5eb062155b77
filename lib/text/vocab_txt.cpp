// BERT's vocab.txt. As transformers' BertTokenizer reads it.
#include "base/error.h"
#include "base/utf8.h"
#include "text/class_tokens.h"
#include "text/special_roles.h"
#include "text/tokenizer_impl.h"
#include "text/vocabulary_files.h"
#include "text/wordpiece.h"

namespace loquor {
namespace {

constexpr RoleNames kBertRoles{
    .unk = "[UNK]", .sep = "[SEP]", .pad = "[PAD]", .cls = "[CLS]", .mask = "[MASK]"};

// Lines end with LF or CRLF, and the last may lack it.
std::shared_ptr<TokenTable> read_lines(std::string_view vocab_txt) {
  require_utf8(vocab_txt, "the vocabulary");
  auto tokens = std::make_shared<TokenTable>();
  std::int32_t id = 0;
  for (std::size_t begin = 0; begin < vocab_txt.size(); ++id) {
    const std::size_t end = std::min(vocab_txt.find('\n', begin), vocab_txt.size());
    std::string_view name = vocab_txt.substr(begin, end - begin);
    if (name.ends_with('\r')) name.remove_suffix(1);
    if (name.empty()) {
      tokens->add_without_lookup(id, name);
    } else {
      tokens->add(id, name);
    }
    begin = end + 1;
  }
  if (tokens->count() == 0) fail(Code::invalid_file, "the vocabulary is empty");
  return tokens;
}

// Other classes read other things from a vocab.txt, or need words cut by other rules.
void require_bert(std::string_view name) {
  for (const std::string_view known :
       {"", "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"}) {
    if (name == known) return;
  }
  fail(Code::unsupported, "tokenizer_class ", quoted(name),
       " with a vocab.txt is not supported; known: BertTokenizer, DistilBertTokenizer, "
       "ElectraTokenizer");
}

Tokenizer::Impl::Parts make_parts(std::string_view vocab_txt, const Json& config) {
  require_bert(tokenizer_class(config));
  Tokenizer::Impl::Parts parts;
  const auto tokens = read_lines(vocab_txt);
  const auto require = [&](const char* role, std::string_view usual) {
    const Json* found = config.find(role);
    const std::string* given = found ? within(role, [&] { return name_of(*found); }) : nullptr;
    const std::string name = given ? *given : std::string(usual);
    const auto id = tokens->find(name);
    if (!id) fail(Code::invalid_file, role, ' ', quoted(name), " is not in the vocabulary");
    return *id;
  };
  WordPieceOptions options{require("unk_token", kBertRoles.unk)};
  const std::int32_t cls = require("cls_token", kBertRoles.cls),
                     sep = require("sep_token", kBertRoles.sep);
  parts.model = std::make_unique<WordPiece>(*tokens, std::move(options));
  add_class_tokens(config, kBertRoles, *tokens, parts);
  const bool lowercase = flag_of(config, "do_lower_case").value_or(true);
  parts.normalizers.emplace_back(
      BertNormalizer{true, flag_of(config, "tokenize_chinese_chars").value_or(true),
                     flag_of(config, "strip_accents").value_or(lowercase), lowercase});
  parts.pre_tokenizers.emplace_back(SplitBert{});
  parts.post_processor = PostProcessor::bert({cls}, {sep});
  parts.decoder = Decoder({DecodeWordPiece{"##", true}});
  parts.tokens = tokens;
  return parts;
}

}  // namespace

Tokenizer tokenizer_from_vocab_txt(std::string_view vocab_txt, std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(make_parts(vocab_txt, config)));
}

}  // namespace loquor
