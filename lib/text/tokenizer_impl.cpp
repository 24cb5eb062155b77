// The pipeline, run.
#include "text/tokenizer_impl.h"

#include <algorithm>

#include "base/error.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "text/byte_level.h"

namespace loquor {
namespace {

// Places in a text are 32 bits wide, and a normalizer may make it longer.
constexpr std::size_t kLongestText = std::size_t{1} << 30;

std::vector<AddedToken> those_in_normalized(const std::vector<AddedToken>& tokens,
                                            bool normalized) {
  std::vector<AddedToken> selected;
  std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(selected),
               [&](const AddedToken& token) { return token.normalized == normalized; });
  return selected;
}

// Some normalizers lengthen even a name alone; it is found in what they make of it.
std::vector<AddedToken> normalized_names(std::vector<AddedToken> tokens,
                                         const std::vector<Normalizer>& normalizers) {
  for (AddedToken& token : tokens) {
    token.content = normalize(normalizers, AlignedText(token.content, 0, false)).text();
  }
  return tokens;
}

}  // namespace

Tokenizer::Impl::Impl(Parts parts) : parts_(std::move(parts)) {
  in_text_ = AddedTokens(those_in_normalized(parts_.added, false));
  in_normalized_ =
      AddedTokens(normalized_names(those_in_normalized(parts_.added, true), parts_.normalizers));
  track_sources_ = !in_normalized_.empty() || need_sources(parts_.pre_tokenizers);
  for (const AddedToken& token : parts_.added) {
    const auto id = static_cast<std::size_t>(token.id);
    if (id >= kinds_.size()) kinds_.resize(id + 1, Kind::model);
    kinds_[id] = token.special ? Kind::special : Kind::added;
  }
}

// One call of tokenize().
class Tokenizer::Impl::Encode {
 public:
  Encode(const Impl& impl, std::string_view text, std::span<const ByteRange> special_inside,
         bool with_offsets)
      : impl_(impl),
        text_(text),
        special_inside_(special_inside),
        segmenter_(impl.parts_.model->segmenter(text.size())) {
    result_.with_offsets = with_offsets;
  }

  TextTokens run() {
    const auto allowed = [&](std::size_t begin, std::size_t end) { return is_allowed(begin, end); };
    for (const Fragment& fragment : impl_.in_text_.split(text_, allowed)) {
      if (fragment.id >= 0) {
        add_found(fragment.id, {static_cast<std::uint32_t>(fragment.begin),
                                static_cast<std::uint32_t>(fragment.end)});
      } else {
        encode_plain(fragment.begin + language_code(fragment), fragment.end);
      }
    }
    return std::move(result_);
  }

 private:
  void add(std::int32_t id, Source source) {
    result_.ids.push_back(id);
    if (!result_.with_offsets) return;
    result_.offsets.push_back({source.begin, source.end});
    result_.words.push_back(word_);
  }

  bool keeps_first_space(Source source) const {
    return impl_.parts_.post_processor.keep_first_space &&
           (result_.ids.empty() || source.begin == 0);
  }

  // An added token; it may have taken white space around it along.
  void add_found(std::int32_t id, Source source) {
    if (result_.with_offsets && impl_.parts_.post_processor.trim_offsets) {
      const std::string_view taken = text_.substr(source.begin, source.end - source.begin);
      std::size_t begin = 0, end = 0, last = 0;
      for (std::size_t at = 0; at < taken.size(); at = last) {
        if (!unicode::is_white_space(next_code_point(taken, last)))
          end = last;
        else if (end == 0)
          begin = last;
      }
      if (!keeps_first_space(source)) source.begin += static_cast<std::uint32_t>(begin);
      source.end -= static_cast<std::uint32_t>(taken.size() - end);
    }
    add(id, source);
    ++word_;
  }

  bool is_allowed(std::size_t begin, std::size_t end) const {
    const auto range = std::partition_point(
        special_inside_.begin(), special_inside_.end(),
        [&](const ByteRange& r) { return static_cast<std::size_t>(r.end) < end; });
    return range != special_inside_.end() && static_cast<std::size_t>(range->begin) <= begin;
  }

  // Adds the code in front of plain text, >>name<<, and gives its size.
  std::size_t language_code(const Fragment& fragment) {
    const std::string_view text = text_.substr(fragment.begin, fragment.end - fragment.begin);
    if (!impl_.parts_.language_codes || !text.starts_with(">>")) return 0;
    const std::size_t end = text.find("<<");
    if (end == std::string_view::npos) return 0;
    const auto id = impl_.tokens().find(text.substr(0, end + 2));
    const auto begin = static_cast<std::uint32_t>(fragment.begin);
    add_found(id ? *id : impl_.parts_.unk.value(),
              {begin, begin + static_cast<std::uint32_t>(end) + 2});
    return end + 2;
  }

  // Text between added tokens of the caller's text.
  void encode_plain(std::size_t begin, std::size_t end) {
    const bool tracked = result_.with_offsets || impl_.track_sources_;
    AlignedText text = normalize(impl_.parts_.normalizers,
                                 AlignedText(text_.substr(begin, end - begin), begin, tracked));
    if (impl_.in_normalized_.empty()) return encode_words(std::move(text));
    const auto allowed = [&](std::size_t first, std::size_t last) {
      const Source source = text.source(first, last);
      return is_allowed(source.begin, source.end);
    };
    for (const Fragment& fragment : impl_.in_normalized_.split(text.text(), allowed)) {
      if (fragment.id >= 0) {
        add_found(fragment.id, text.source(fragment.begin, fragment.end));
      } else {
        encode_words(text.slice(fragment.begin, fragment.end));
      }
    }
  }

  void encode_words(AlignedText text) {
    Words words(std::move(text));
    for (const PreTokenizer& step : impl_.parts_.pre_tokenizers) {
      std::visit([&](const auto& pre_tokenizer) { pre_tokenizer.apply(words); }, step);
    }
    for (const Words::Word& word : words.words) {
      const std::string_view bytes = words.word(word);
      tokens_.clear();
      segmenter_->segment(bytes, tokens_);
      for (const WordToken& token : tokens_) {
        add(token.id, result_.with_offsets ? source(words, word, token) : Source{});
      }
      ++word_;
    }
  }

  Source source(const Words& words, const Words::Word& word, const WordToken& token) const {
    std::size_t begin = word.begin + token.begin, end = word.begin + token.end;
    const Source whole = words.text.source(begin, end);
    if (!impl_.parts_.post_processor.trim_offsets) return whole;
    const std::string_view space = byte_level::character(' ');
    const auto bytes = [&] { return words.text.text().substr(begin, end - begin); };
    while (bytes().starts_with(space) && !keeps_first_space(whole)) begin += space.size();
    while (bytes().ends_with(space)) end -= space.size();
    return begin < end ? words.text.source(begin, end) : Source{whole.end, whole.end};
  }

  const Impl& impl_;
  std::string_view text_;
  std::span<const ByteRange> special_inside_;
  std::unique_ptr<Segmenter> segmenter_;
  std::vector<WordToken> tokens_;
  TextTokens result_;
  std::int32_t word_ = 0;
};

TextTokens Tokenizer::Impl::tokenize(std::string_view text,
                                     std::span<const ByteRange> special_inside,
                                     bool with_offsets) const {
  if (text.size() > kLongestText) {
    fail(Code::invalid_argument, "the text has ", text.size(), " bytes; at most ", kLongestText,
         " are encoded at once");
  }
  require_utf8(text, "the text");
  return Encode(*this, text, special_inside, with_offsets).run();
}

void Tokenizer::Impl::require_id(std::int32_t id) const {
  if (id < 0 || id >= tokens().size()) {
    fail(Code::invalid_argument, "token id ", id, " is out of range; the vocabulary has ",
         tokens().size());
  }
}

void Tokenizer::Impl::decode(std::int32_t id, bool skip_special_tokens, DecodeState& state,
                             std::string& out) const {
  require_id(id);
  const Kind found = kind(id);
  if ((skip_special_tokens && found == Kind::special) || !tokens().contains(id)) return;
  parts_.decoder.decode(tokens().name(id), found != Kind::model, state, out);
}

}  // namespace loquor
