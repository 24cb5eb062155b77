// Puts a tokenizer together from a GGUF file's vocabulary, by the rules of llama.cpp's
// llama-vocab.cpp.
#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "text/bpe.h"
#include "text/sentencepiece_bpe.h"
#include "text/space_mark.h"
#include "text/tokenizer_impl.h"
#include "text/unigram.h"
#include "text/vocabulary.h"
#include "text/wordpiece.h"

namespace loquor {
namespace {

// What a name in tokenizer.ggml.pre stands for.
struct PreTokenization {
  std::string_view name;
  Scanner scanners[3];  // each cuts what the one before left; nullptr behind the last
  bool split_digits;
  bool normalize;  // Unicode form C, as the models' own tokenizers do
  bool ignore_merges;
  bool add_bos;  // where the file does not say
  // What stands around a pair of texts, where BOS and EOS stand around one.
  PostProcessor (*around)(const std::vector<std::int32_t>&,
                          const std::vector<std::int32_t>&) = PostProcessor::around;
};

constexpr PreTokenization kPreTokenizations[] = {
    {"gpt-2", {scan_gpt2}, false, false, false, false},
    {"phi-2", {scan_gpt2}, false, false, false, false},
    {"llama-bpe", {scan_llama3}, false, false, true, true},
    {"llama-v3", {scan_llama3}, false, false, true, true},
    {"llama3", {scan_llama3}, false, false, true, true},
    {"qwen2", {scan_qwen2}, false, true, false, false},
    {"deepseek-r1-qwen", {scan_qwen2}, false, true, false, false},
    {"smollm", {scan_gpt2}, true, false, false, false},
    {"starcoder", {scan_gpt2}, true, false, false, false},
    {"refact", {scan_gpt2}, true, false, false, false},
    {"roberta-bpe", {scan_gpt2}, false, false, false, false, PostProcessor::roberta},
    {"modern-bert", {scan_gpt2}, false, true, false, false, PostProcessor::bert},
    {"deepseek-v3", {scan_numbers, scan_han_kana, scan_deepseek_v3}, false, false, false, false},
    {"chatglm-bpe", {scan_llama3}, false, false, false, false},
    {"glm4", {scan_llama3}, false, false, true, false},
};

const PreTokenization& find_pre_tokenization(std::string_view name) {
  std::string known;
  for (const PreTokenization& entry : kPreTokenizations) {
    if (entry.name == name) return entry;
    known += text(known.empty() ? "" : ", ", entry.name);
  }
  fail(Code::unsupported, "tokenizer.ggml.pre ",
       name.empty() ? "is missing" : text(quoted(name), " is not supported"), "; known: ", known);
}

class Loader {
 public:
  explicit Loader(GgufVocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {
    require_sizes();
    if (vocabulary_.model == "bert") restore_wordpiece_names();
    read_tokens();
    parts_.bos = require_role(vocabulary_.bos, "bos_token_id");
    parts_.eos = require_role(vocabulary_.eos, "eos_token_id");
    parts_.unk = require_role(vocabulary_.unk, "unknown_token_id");
    parts_.pad = require_role(vocabulary_.pad, "padding_token_id");
    read_added_tokens();
  }

  Tokenizer load() {
    if (vocabulary_.model == "bert") {
      load_wordpiece();
    } else if (vocabulary_.model == "llama") {
      load_sentencepiece();
    } else if (vocabulary_.model == "t5") {
      load_unigram();
    } else if (vocabulary_.model == "gpt2") {
      load_byte_level();
    } else {
      fail(Code::unsupported, "tokenizer.ggml.model ", quoted(vocabulary_.model),
           " is not supported; known: bert, gpt2, llama, t5");
    }
    parts_.tokens = tokens_;
    return Tokenizer(std::make_shared<const Tokenizer::Impl>(std::move(parts_)));
  }

 private:
  // BOS and EOS where they are added; the arguments count where the file does not say. A pair is
  // put together as `around` does it where both stand around a text.
  void add_ends(bool add_bos, bool add_eos, decltype(PreTokenization::around) around) {
    std::vector<std::int32_t> prefix, suffix;
    if (parts_.bos && vocabulary_.add_bos.value_or(add_bos)) prefix.push_back(*parts_.bos);
    if (parts_.eos && vocabulary_.add_eos.value_or(add_eos)) suffix.push_back(*parts_.eos);
    const bool both = !prefix.empty() && !suffix.empty();
    parts_.post_processor = (both ? around : PostProcessor::around)(prefix, suffix);
  }

  void require_sizes() const {
    const std::size_t count = vocabulary_.tokens.size();
    if (count == 0) fail(Code::invalid_file, "the vocabulary is empty");
    if (count > INT32_MAX) fail(Code::invalid_file, "the vocabulary has ", count, " tokens");
    const auto require = [&](std::size_t found, std::string_view key) {
      if (found != 0 && found != count)
        fail(Code::invalid_file, key, " has ", found, " entries for ", count, " tokens");
    };
    require(vocabulary_.scores.size(), "tokenizer.ggml.scores");
    require(vocabulary_.token_types.size(), "tokenizer.ggml.token_type");
    if (vocabulary_.model != "bert" &&
        (vocabulary_.lowercase.value_or(false) || vocabulary_.strip_accents.value_or(false))) {
      fail(Code::unsupported, "tokenizer.ggml.normalizer is built for model bert alone, found ",
           quoted(vocabulary_.model));
    }
  }

  PieceType type(std::size_t id) const {
    if (vocabulary_.token_types.empty()) return PieceType::normal;
    const std::int64_t type = vocabulary_.token_types[id];
    if (type < 1 || type > 6)
      fail(Code::invalid_file, "token ", id, " has type ", type, ", expected 1 to 6");
    return static_cast<PieceType>(type);
  }

  // Whether the model may make the token of any text; the others are found by name, where allowed.
  bool is_in_model(std::size_t id) const {
    const PieceType found = type(id);
    return found != PieceType::control && found != PieceType::unknown &&
           found != PieceType::user_defined && !is_end(id);
  }

  bool is_end(std::size_t id) const {
    const auto place = static_cast<std::int32_t>(id);
    return place == vocabulary_.bos || place == vocabulary_.eos;
  }

  // The model's own tokens first.
  void read_tokens() {
    for (const bool of_model : {true, false}) {
      for (std::size_t id = 0; id < vocabulary_.tokens.size(); ++id) {
        if (is_in_model(id) == of_model) add(static_cast<std::int32_t>(id), vocabulary_.tokens[id]);
      }
      if (of_model) tokens_->end_model();
    }
  }

  void add(std::int32_t id, const std::string& name) {
    if (!is_utf8(name))
      fail(Code::invalid_file, "token ", id, ", ", quoted(name), ", is not valid UTF-8");
    if (name.empty())
      tokens_->add_without_lookup(id, name);
    else
      tokens_->add(id, name);
  }

  std::optional<std::int32_t> require_role(std::optional<std::int32_t> id,
                                           std::string_view key) const {
    if (id && (*id < 0 || *id >= tokens_->size())) {
      fail(Code::invalid_file, "tokenizer.ggml.", key, " is ", *id, " in a vocabulary of ",
           tokens_->size());
    }
    return id;
  }

  void read_added_tokens() {
    for (std::size_t id = 0; id < vocabulary_.tokens.size(); ++id) {
      if (is_in_model(id) || vocabulary_.tokens[id].empty()) continue;
      AddedToken token;
      token.id = static_cast<std::int32_t>(id);
      token.content = vocabulary_.tokens[id];
      token.special = type(id) != PieceType::user_defined || is_end(id);
      parts_.added.push_back(std::move(token));
    }
  }

  // The converter writes "▁word" for "word", and "ing" for "##ing"; names in brackets stay.
  void restore_wordpiece_names() {
    for (std::string& name : vocabulary_.tokens) {
      if (name.starts_with('[') && name.ends_with(']')) continue;
      if (name.starts_with(kSpaceMark)) {
        name.erase(0, kSpaceMark.size());
      } else {
        name.insert(0, "##");
      }
    }
  }

  void load_wordpiece() {
    if (!parts_.unk) fail(Code::invalid_file, "tokenizer.ggml.unknown_token_id is missing");
    parts_.cls = require_role(vocabulary_.cls ? vocabulary_.cls : vocabulary_.bos, "cls_token_id");
    parts_.sep =
        require_role(vocabulary_.sep ? vocabulary_.sep : vocabulary_.eos, "seperator_token_id");
    if (!parts_.cls || !parts_.sep)
      fail(Code::invalid_file, "tokenizer.ggml.cls_token_id or seperator_token_id is missing");
    // Older files do not say whether case counts: it does where a token has a capital letter.
    const auto is_cased = [](const std::string& name) {
      return !name.starts_with('[') &&
             std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    };
    const bool lowercase = vocabulary_.lowercase.value_or(
        std::none_of(vocabulary_.tokens.begin(), vocabulary_.tokens.end(), is_cased));
    const bool strip_accents = vocabulary_.strip_accents.value_or(lowercase);
    parts_.normalizers.emplace_back(BertNormalizer{true, true, strip_accents, lowercase});
    parts_.pre_tokenizers.emplace_back(SplitBert{});
    parts_.model = std::make_unique<WordPiece>(*tokens_, WordPieceOptions{*parts_.unk});
    parts_.post_processor = PostProcessor::bert({*parts_.cls}, {*parts_.sep});
    parts_.decoder = Decoder({DecodeWordPiece{"##", true}});
  }

  std::vector<Piece> pieces() const {
    if (vocabulary_.scores.empty()) fail(Code::invalid_file, "tokenizer.ggml.scores is missing");
    std::vector<Piece> pieces;
    for (std::size_t id = 0; id < vocabulary_.tokens.size(); ++id)
      pieces.push_back({vocabulary_.scores[id], type(id)});
    return pieces;
  }

  // XLM-RoBERTa's has BOS in front, T5's has not. User-defined tokens are those that its tokenizer
  // added to SentencePiece's, and found before them.
  void load_unigram() {
    std::vector<Piece> pieces = this->pieces();
    for (std::size_t id = 0; id < pieces.size(); ++id) {
      if (pieces[id].type == PieceType::user_defined) pieces[id].type = PieceType::unused;
      if (pieces[id].type == PieceType::unknown) parts_.unk = static_cast<std::int32_t>(id);
    }
    const bool prefix = vocabulary_.add_space_prefix.value_or(false);
    const bool remove = vocabulary_.remove_extra_whitespaces.value_or(false);
    parts_.normalizers.emplace_back(SentencePieceNormalizer{CharacterMap(vocabulary_.character_map),
                                                            StringSet(), prefix, remove, true});
    parts_.model = std::make_unique<Unigram>(tokens_, pieces);
    parts_.decoder = Decoder({DecodeSentencePiece{prefix || remove, remove}, DecodeByteFallback{}});
    add_ends(false, true, PostProcessor::roberta);
  }

  void load_sentencepiece() {
    std::vector<Piece> pieces = this->pieces();
    const bool prefix = vocabulary_.add_space_prefix.value_or(true);
    if (prefix) parts_.normalizers.emplace_back(Prepend{" "});
    parts_.normalizers.emplace_back(Replace{" ", "\u2581"});
    parts_.model = std::make_unique<SentencePieceBpe>(tokens_, std::move(pieces), StringSet());
    parts_.decoder = Decoder({DecodeSentencePiece{prefix, false}, DecodeByteFallback{}});
    add_ends(true, false, PostProcessor::around);
  }

  void load_byte_level() {
    const PreTokenization& pre = find_pre_tokenization(vocabulary_.pre);
    if (vocabulary_.merges.empty()) fail(Code::invalid_file, "tokenizer.ggml.merges is missing");
    if (pre.normalize) parts_.normalizers.emplace_back(NormalForm{true, false});
    if (pre.split_digits) parts_.pre_tokenizers.emplace_back(SplitDigits{true});
    for (const Scanner scanner : pre.scanners) {
      if (scanner) parts_.pre_tokenizers.emplace_back(SplitByPattern{scanner});
    }
    parts_.pre_tokenizers.emplace_back(
        ByteLevel{vocabulary_.add_space_prefix.value_or(false), false});
    MergeReader merges(*tokens_, vocabulary_.merges.size());
    for (const std::string& merge : vocabulary_.merges) merges.add(merge);
    BpeOptions options;
    options.ignore_merges = pre.ignore_merges;
    parts_.model = std::make_unique<Bpe>(tokens_, merges.finish(), options);
    parts_.decoder = Decoder({DecodeByteLevel{}});
    add_ends(pre.add_bos, false, pre.around);
  }

  GgufVocabulary vocabulary_;
  std::shared_ptr<TokenTable> tokens_ = std::make_shared<TokenTable>();
  Tokenizer::Impl::Parts parts_;
};

}  // namespace

Tokenizer tokenizer_from_gguf(GgufVocabulary vocabulary) {
  return within("GGUF vocabulary", [&] { return Loader(std::move(vocabulary)).load(); });
}

}  // namespace loquor
