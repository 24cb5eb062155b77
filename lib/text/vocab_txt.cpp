// BERT's vocab.txt. As transformers' BertTokenizer reads it.
#include "base/error.h"
#include "base/utf8.h"
#include "text/component.h"
#include "text/special_roles.h"
#include "text/tokenizer_impl.h"
#include "text/vocabulary_files.h"
#include "text/wordpiece.h"

namespace loquor {
namespace {

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

std::string special_name(const Json& config, const char* role, const char* otherwise) {
  const Json* found = config.find(role);
  const std::string* name = found ? name_of(*found) : nullptr;
  return name ? *name : otherwise;
}

Tokenizer::Impl::Parts make_parts(std::string_view vocab_txt, const Json& config) {
  Tokenizer::Impl::Parts parts;
  const auto tokens = read_lines(vocab_txt);
  const auto flag = [&](const char* key, bool otherwise) {
    const Json* found = config.find(key);
    return found && !found->is_null() ? within(key, [&] { return found->as_bool(); }) : otherwise;
  };
  const auto require = [&](const char* role, const char* otherwise) {
    const std::string name = special_name(config, role, otherwise);
    const auto id = tokens->find(name);
    if (!id) fail(Code::invalid_file, role, ' ', quoted(name), " is not in the vocabulary");
    return *id;
  };
  WordPieceOptions options{require("unk_token", "[UNK]")};
  const std::int32_t cls = require("cls_token", "[CLS]"), sep = require("sep_token", "[SEP]");
  for (const auto& [role, otherwise, id] : {std::tuple{"unk_token", "[UNK]", &parts.unk},
                                            {"sep_token", "[SEP]", &parts.sep},
                                            {"pad_token", "[PAD]", &parts.pad},
                                            {"cls_token", "[CLS]", &parts.cls},
                                            {"mask_token", "[MASK]", &parts.mask}}) {
    const std::string name = special_name(config, role, otherwise);
    *id = tokens->find(name);
    if (*id) make_special(**id, name, parts.added);
  }
  const bool lowercase = flag("do_lower_case", true);
  parts.normalizers.emplace_back(BertNormalizer{true, flag("tokenize_chinese_chars", true),
                                                flag("strip_accents", lowercase), lowercase});
  parts.pre_tokenizers.emplace_back(SplitBert{});
  parts.model = std::make_unique<WordPiece>(*tokens, std::move(options));
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
