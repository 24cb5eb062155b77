// SentencePiece models whose ids transformers' tokenizer classes shift behind special tokens of
// their own, as the models were trained with fairseq, or follow by further ones.
#include <algorithm>

#include "base/error.h"
#include "text/mapped_model.h"
#include "text/sentencepiece_tokenizer.h"
#include "text/special_roles.h"
#include "text/vocabulary_files.h"

namespace loquor {
namespace {

using Parts = Tokenizer::Impl::Parts;
using Names = std::vector<std::string>;

constexpr const char* kMBartLanguages[] = {
    "ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN",
    "hi_IN", "it_IT", "ja_XX", "kk_KZ", "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP",
    "nl_XX", "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN", "zh_CN"};

// The ids around those of the pieces.
struct Layout {
  Names front;              // ids from 0 on
  std::int32_t offset = 0;  // piece i has the id i + offset, where `front` leaves it free
  Names back;               // ids behind the last piece
};

Layout t5_layout(const Json& config) {
  const Json* count = config.find("extra_ids");
  const std::int64_t extra_ids = count && !count->is_null() ? count->as_integer() : 100;
  if (extra_ids < 0 || extra_ids > 100'000) fail(Code::invalid_file, "extra_ids is ", extra_ids);
  Layout layout;
  for (std::int64_t i = extra_ids; i-- > 0;) layout.back.push_back(text("<extra_id_", i, '>'));
  return layout;
}

Layout layout_of(std::string_view name, const Json& config) {
  const Names fairseq = {"<s>", "<pad>", "</s>", "<unk>"};
  if (name == "T5Tokenizer" || name == "MT5Tokenizer") return t5_layout(config);
  if (name == "XLMRobertaTokenizer") return {fairseq, 1, {"<mask>"}};
  if (name == "CamembertTokenizer") {
    // The model's own <unk> keeps an id that is never given.
    return {{"<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"}, 4, {"<mask>"}};
  }
  if (name == "MBartTokenizer") {
    Names back(std::begin(kMBartLanguages), std::end(kMBartLanguages));
    back.emplace_back("<mask>");
    return {fairseq, 1, std::move(back)};
  }
  fail(Code::unsupported, "tokenizer_class ", quoted(name),
       " without a tokenizer.json is not supported; known: CamembertTokenizer, MBartTokenizer, "
       "MT5Tokenizer, T5Tokenizer, XLMRobertaTokenizer");
}

class Builder {
 public:
  Builder(std::string_view name, std::string_view model, const Json& config)
      : layout_(layout_of(name, config)), pieces_(read_sentencepiece(model)) {
    add_tokens();
    add_specials(config);
    add_post_processor(name, config);
    parts_.normalizers = std::move(pieces_.normalizers);
    parts_.model = std::make_unique<MappedModel>(std::move(pieces_.model), std::move(ids_),
                                                 pieces_.unk.value(), tokens_);
    parts_.decoder = std::move(pieces_.decoder);
    parts_.tokens = tokens_;
  }
  Parts parts() { return std::move(parts_); }

 private:
  void add_tokens() {
    const TokenTable& pieces = *pieces_.tokens;
    for (std::int32_t id = 0; id < pieces.size(); ++id) {
      const auto mapped = checked_id(std::int64_t{id} + layout_.offset);
      const bool is_free = static_cast<std::size_t>(mapped) >= layout_.front.size();
      if (is_free) tokens_->add(mapped, pieces.name(id));
      ids_.push_back(mapped);
    }
    tokens_->end_model();
    std::int32_t id = 0;
    for (const std::string& name : layout_.front) tokens_->add(id++, name);
    id = checked_id(std::int64_t{pieces.size()} + layout_.offset);
    for (const std::string& name : layout_.back) tokens_->add(id++, name);
    parts_.unk = require("<unk>");
    ids_[static_cast<std::size_t>(*pieces_.unk)] = *parts_.unk;
  }

  static std::int32_t checked_id(std::int64_t id) {
    if (id > INT32_MAX - 200'000) fail(Code::invalid_file, "the model has too many pieces");
    return static_cast<std::int32_t>(id);
  }

  std::int32_t require(std::string_view name) const {
    const auto id = tokens_->find(name);
    if (!id) fail(Code::invalid_file, "the vocabulary has no ", quoted(name));
    return *id;
  }

  void add_specials(const Json& config) {
    for (const Names& names :
         {Names{"<s>", "</s>", "<unk>", "<pad>"}, layout_.front, layout_.back}) {
      for (const std::string& name : names) {
        const auto id = tokens_->find(name);
        if (id) make_special(*id, name, parts_.added);
      }
    }
    for (AddedToken& token : parts_.added) token.lstrip = token.content == "<mask>";
    parts_.bos = tokens_->find("<s>");
    parts_.eos = tokens_->find("</s>");
    parts_.pad = tokens_->find("<pad>");
    parts_.mask = tokens_->find("<mask>");
    if (parts_.bos) {
      parts_.cls = parts_.bos;
      parts_.sep = parts_.eos;
    }
    // Names of the config would be of tokens that these classes do not have.
    for (const auto& [role, id] : {std::pair{"bos_token", parts_.bos},
                                   {"eos_token", parts_.eos},
                                   {"unk_token", parts_.unk},
                                   {"pad_token", parts_.pad}}) {
      const Json* found = config.find(role);
      const std::string* name = found ? within(role, [&] { return name_of(*found); }) : nullptr;
      if (name && tokens_->find(*name) != id) {
        fail(Code::unsupported, role, ' ', quoted(*name), " is not that of the tokenizer_class");
      }
    }
  }

  void add_post_processor(std::string_view name, const Json& config) {
    const std::int32_t eos = require("</s>");
    if (name == "XLMRobertaTokenizer" || name == "CamembertTokenizer") {
      parts_.post_processor = PostProcessor::roberta({require("<s>")}, {eos});
      return;
    }
    using Kind = TemplatePart::Kind;
    PostProcessor& post = parts_.post_processor;
    if (name == "MBartTokenizer") {
      const Json* source = config.find("src_lang");
      const std::string* language = source ? name_of(*source) : nullptr;
      const std::vector<std::int32_t> suffix{eos, require(language ? *language : "en_XX")};
      post.single = {{Kind::first, 0, {}}, {Kind::special, 0, suffix}};
      post.pair = {{Kind::first, 0, {}}, {Kind::second, 0, {}}, {Kind::special, 0, suffix}};
      return;
    }
    post.single = {{Kind::first, 0, {}}, {Kind::special, 0, {eos}}};
    post.pair = post.single;
    post.pair.push_back({Kind::second, 0, {}});
    post.pair.push_back({Kind::special, 0, {eos}});
  }

  Layout layout_;
  Parts pieces_, parts_;
  std::shared_ptr<TokenTable> tokens_ = std::make_shared<TokenTable>();
  std::vector<std::int32_t> ids_;  // of each piece
};

}  // namespace

Tokenizer tokenizer_from_sentencepiece_class(std::string_view model,
                                             std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  const Json* given = config.find("tokenizer_class");
  std::string_view name = given && given->is_string() ? given->as_string() : std::string_view();
  if (name.ends_with("Fast")) name.remove_suffix(4);
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(Builder(name, model, config).parts()));
}

}  // namespace loquor
