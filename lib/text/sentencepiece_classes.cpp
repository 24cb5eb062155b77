// Makes a tokenizer of a SentencePiece model as transformers' tokenizer class does: Hugging Face's
// steps, which normalize and cut a text otherwise than SentencePiece's own, and the class's tokens.
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "text/bpe.h"
#include "text/sentencepiece_class.h"
#include "text/space_mark.h"
#include "text/special_roles.h"
#include "text/unigram.h"
#include "text/vocabulary_files.h"

namespace loquor {
namespace {

using Parts = Tokenizer::Impl::Parts;
using Names = std::vector<std::string>;
using Class = SentencePieceClass;

// Bounds the work of finding the ways to make a piece of two.
constexpr std::size_t kLongestPiece = 512;

Names words(std::string_view list) {
  Names names;
  std::istringstream in{std::string(list)};
  for (std::string name; in >> name;) names.push_back(name);
  return names;
}

Names front_names(const Class& kind) {
  Names names = words(kind.front);
  if (kind.name == "PegasusTokenizer") {
    for (int i = 2; i < 103; ++i) names.push_back(text("<unk_", i, '>'));
  }
  return names;
}

Names back_names(const Class& kind, const Json& config) {
  Names names = language_tokens(kind.name, config);
  if (kind.has_mask_behind) names.emplace_back("<mask>");
  if (!kind.name.ends_with("T5Tokenizer")) return names;
  const Json* count = config.find("extra_ids");
  const std::int64_t extra_ids = count && !count->is_null() ? count->as_integer() : 100;
  if (extra_ids < 0 || extra_ids > 100'000) fail(Code::invalid_file, "extra_ids is ", extra_ids);
  for (std::int64_t i = extra_ids; i-- > 0;) names.push_back(text("<extra_id_", i, '>'));
  return names;
}

// Numbers were cut off commas when ALBERT and XLNet were trained, so that such pieces do not count.
bool ends_in_number_and_comma(std::string_view piece) {
  if (!piece.ends_with(',')) return false;
  char32_t last = 0;
  for (std::size_t at = 0; at + 1 < piece.size();) last = next_code_point(piece, at);
  return unicode::category(last) == unicode::Category::Nd;
}

class Builder {
 public:
  Builder(const Class& kind, const SentencePieceModel& model, const Json& config)
      : kind_(kind), model_(model), config_(config) {
    require_supported();
    add_vocabulary();
    add_special_tokens();
    add_normalizers();
    const bool prefix = !kind.prefix_option || flag_of(config, "add_prefix_space").value_or(true);
    if (kind.split_white_space) parts_.pre_tokenizers.emplace_back(SplitWhiteSpace{});
    parts_.pre_tokenizers.emplace_back(
        Metaspace{std::string(kSpaceMark),
                  prefix ? Metaspace::Prepend::always : Metaspace::Prepend::never, true});
    parts_.decoder = Decoder({DecodeMetaspace{std::string(kSpaceMark), prefix}});
    add_post_processor();
    parts_.tokens = tokens_;
  }
  Parts parts() { return std::move(parts_); }

 private:
  struct Entry {
    std::string_view name;
    double score;
    bool reserved;  // no text becomes it but its name, where that may be
  };

  void require_supported() const {
    if (model_.type != kind_.type) {
      fail(Code::invalid_file, kind_.name, " needs a ",
           kind_.type == SentencePieceModel::Type::bpe ? "BPE" : "Unigram", " model");
    }
    if (model_.pieces.size() < kind_.replaced + 1)
      fail(Code::invalid_file, "the model has ", model_.pieces.size(), " pieces");
    for (const auto& [key, name] : {std::pair{"bos_token", kind_.roles.bos},
                                    {"eos_token", kind_.roles.eos},
                                    {"unk_token", kind_.roles.unk},
                                    {"sep_token", kind_.roles.sep},
                                    {"pad_token", kind_.roles.pad},
                                    {"cls_token", kind_.roles.cls},
                                    {"mask_token", kind_.roles.mask}}) {
      require_usual(key, name);
    }
    if (kind_.name == "PegasusTokenizer") require_usual("mask_token_sent", "<mask_1>");
    const Json* offset = config_.find("offset");
    if (offset && !offset->is_null() && offset->as_integer() != 103)
      fail(Code::unsupported, "offset ", offset->as_integer(), " is not supported, expected 103");
    if (!flag_of(config_, "remove_space").value_or(true))
      fail(Code::unsupported, "remove_space false is not supported");
  }

  // Tokens have the ids and do the work that the class gave them, whatever the config calls them.
  void require_usual(const char* key, std::string_view usual) const {
    const Json* found = config_.find(key);
    const std::string* name = found ? within(key, [&] { return name_of(*found); }) : nullptr;
    if (name && !name->empty() && !usual.empty() && *name != usual)
      fail(Code::unsupported, key, ' ', quoted(*name), " is not that of the tokenizer_class");
  }

  std::vector<Entry> entries() const {
    std::vector<Entry> list;
    for (const std::string& name : front_) list.push_back({name, kind_.front_score, true});
    for (std::size_t i = kind_.replaced; i < model_.pieces.size(); ++i) {
      const auto& [name, piece] = model_.pieces[i];
      if (std::isnan(piece.score))
        fail(Code::invalid_file, "the score of token ", quoted(name), " is not a number");
      const bool discouraged =
          kind_.steps == Class::Steps::albert && ends_in_number_and_comma(name);
      list.push_back({name, discouraged ? double{piece.score} - 100 : double{piece.score},
                      piece.type == PieceType::control || piece.type == PieceType::unknown});
    }
    for (const std::string& name : back_) list.push_back({name, 0, true});
    return list;
  }

  void add_vocabulary() {
    const std::vector<Entry> list = entries();
    std::vector<double> scores;
    for (const bool reserved : {false, true}) {
      for (std::size_t id = 0; id < list.size(); ++id) {
        if (list[id].reserved == reserved)
          tokens_->add(static_cast<std::int32_t>(id), list[id].name);
      }
      if (!reserved) tokens_->end_model();
    }
    for (const Entry& entry : list) scores.push_back(entry.score);
    const auto unknown = require(kind_.roles.unk);
    if (kind_.type == SentencePieceModel::Type::bpe) {
      BpeOptions options;
      options.unknown = unknown;
      options.fuse_unknown = true;
      parts_.model = std::make_unique<Bpe>(tokens_, merges(), options);
    } else {
      parts_.model = std::make_unique<Unigram>(tokens_, std::move(scores), unknown, false);
    }
  }

  // Every way to make a piece of two others, in the order of the pieces, which is that of their
  // scores; of one piece by the first part's length.
  MergeTable merges() const {
    MergeReader reader(*tokens_, model_.pieces.size());
    for (const auto& [name, piece] : model_.pieces) {
      if (name.size() > kLongestPiece)
        fail(Code::unsupported, "a piece has ", name.size(), " bytes, expected at most ",
             kLongestPiece);
      if (!tokens_->find_in_model(name)) continue;
      for (std::size_t at = 0; next_code_point(name, at), at < name.size();) {
        const std::string_view left = name.substr(0, at), right = name.substr(at);
        if (tokens_->find_in_model(left) && tokens_->find_in_model(right)) reader.add(left, right);
      }
    }
    return reader.finish();
  }

  std::int32_t require(std::string_view name) const {
    const auto id = tokens_->find(name);
    if (!id) fail(Code::invalid_file, "the vocabulary has no ", quoted(name));
    return *id;
  }

  void add_special_tokens() {
    add_class_tokens(config_, kind_.roles, *tokens_, parts_);
    for (const Names& names : {front_, back_}) {
      for (const std::string& name : names) make_special(require(name), name, parts_.added);
    }
    for (std::size_t i = kind_.replaced; i < model_.pieces.size(); ++i) {
      const auto& [name, piece] = model_.pieces[i];
      if (piece.type != PieceType::control && piece.type != PieceType::user_defined) continue;
      const std::size_t before = parts_.added.size();
      make_special(require(name), std::string(name), parts_.added);
      if (parts_.added.size() > before)
        parts_.added.back().special = piece.type == PieceType::control;
    }
  }

  void add_normalizers() {
    std::vector<Normalizer>& steps = parts_.normalizers;
    const bool has_map = !model_.character_map.empty();
    if (kind_.steps == Class::Steps::albert) {
      steps.emplace_back(Replace{"``", "\""});
      steps.emplace_back(Replace{"''", "\""});
      if (!flag_of(config_, "keep_accents").value_or(false)) {
        steps.emplace_back(NormalForm{false, true});
        steps.emplace_back(StripAccents{});
      }
      if (flag_of(config_, "do_lower_case").value_or(kind_.do_lower_case))
        steps.emplace_back(Lowercase{});
    }
    if (has_map) steps.emplace_back(Precompiled{CharacterMap(model_.character_map)});
    if (kind_.steps != Class::Steps::map_then_spaces) return;
    if (!has_map && kind_.name == "PegasusTokenizer") steps.emplace_back(Replace{"\n", " "});
    if (has_map || kind_.name != "NllbTokenizer") steps.emplace_back(ReplaceSpaces{" "});
  }

  void add_post_processor() {
    using Kind = TemplatePart::Kind;
    using enum Class::Around;
    const auto special = [&](std::string_view role, std::int32_t type_id) {
      return TemplatePart{Kind::special, type_id, {require(role)}};
    };
    const TemplatePart first{Kind::first, 0, {}}, second{Kind::second, 0, {}};
    const RoleNames& roles = kind_.roles;
    const TemplatePart eos = special(roles.eos, 0);
    PostProcessor& post = parts_.post_processor;
    if (kind_.around == bert) {
      post = PostProcessor::bert({require(roles.cls)}, {require(roles.sep)});
    } else if (kind_.around == roberta) {
      post = PostProcessor::roberta({require(roles.bos)}, {require(roles.eos)});
    } else if (kind_.around == language) {
      set_languages(config_, parts_);
    } else if (kind_.around == xlnet) {
      const TemplatePart sep = special(roles.sep, 0), cls = special(roles.cls, 2);
      post.single = {first, sep, cls};
      post.pair = {first, sep, {Kind::second, 1, {}}, special(roles.sep, 1), cls};
    } else {
      post.single = {first, eos};
      post.pair = {first, second, eos};
      if (kind_.around == each_end) post.pair.insert(post.pair.begin() + 1, eos);
    }
  }

  const Class& kind_;
  const SentencePieceModel& model_;
  const Json& config_;
  const Names front_ = front_names(kind_), back_ = back_names(kind_, config_);
  std::shared_ptr<TokenTable> tokens_ = std::make_shared<TokenTable>();
  Parts parts_;
};

}  // namespace

Tokenizer tokenizer_from_sentencepiece_class(std::string_view model,
                                             std::string_view tokenizer_config) {
  const Json config = tokenizer_config.empty() ? Json::object() : Json::parse(tokenizer_config);
  const SentencePieceClass& kind = find_sentencepiece_class(tokenizer_class(config));
  const SentencePieceModel pieces =
      within("SentencePiece model", [&] { return read_sentencepiece_model(model); });
  return Tokenizer(std::make_shared<const Tokenizer::Impl>(Builder(kind, pieces, config).parts()));
}

}  // namespace loquor
