// Texts and special tokens put together as the post-processor's template says.
#include "base/error.h"
#include "text/tokenizer_impl.h"
#include "text/truncation.h"

namespace loquor {

Encoding Tokenizer::Impl::assemble(const TextTokens& first, const TextTokens* second,
                                   bool add_special_tokens, const PostProcessor& post) const {
  Encoding result;
  const auto append = [](auto& list, const auto& more) {
    list.insert(list.end(), more.begin(), more.end());
  };
  for (const TemplatePart& part : second ? post.pair : post.single) {
    const bool is_special = part.kind == TemplatePart::Kind::special;
    if (is_special && !add_special_tokens) continue;
    const bool is_first = part.kind == TemplatePart::Kind::first;
    const TextTokens& tokens = is_first || !second ? first : *second;
    const auto& ids = is_special ? part.ids : tokens.ids;
    append(result.ids, ids);
    result.type_ids.resize(result.ids.size(), part.type_id);
    result.sequence_ids.resize(result.ids.size(), is_special ? -1 : is_first ? 0 : 1);
    if (!first.with_offsets) continue;
    if (!is_special) {
      append(result.offsets, tokens.offsets);
      append(result.word_ids, tokens.words);
    }
    result.offsets.resize(result.ids.size());
    result.word_ids.resize(result.ids.size(), -1);
  }
  return result;
}

Encoding Tokenizer::Impl::encode(std::string_view first, std::optional<std::string_view> second,
                                 const EncodeOptions& options, bool with_offsets) const {
  const auto tokens_of = [&](std::string_view text) {
    const ByteRange whole{0, static_cast<std::int64_t>(text.size())};
    return tokenize(text, std::span(&whole, options.parse_special ? 1 : 0), with_offsets);
  };
  TextTokens of_first = tokens_of(first);
  std::optional<TextTokens> of_second;
  if (second) of_second = tokens_of(*second);
  TextTokens* other = of_second ? &*of_second : nullptr;
  const PostProcessor post = around(options.src_lang);
  if (options.max_length) {
    const auto& parts = second ? post.pair : post.single;
    truncate(of_first, other, options, options.add_special_tokens ? added_tokens(parts) : 0);
  }
  return assemble(of_first, other, options.add_special_tokens, post);
}

PostProcessor Tokenizer::Impl::around(std::string_view src_lang) const {
  if (src_lang.empty()) return parts_.post_processor;
  if (!parts_.languages) {
    fail(Code::invalid_argument, "option src_lang: found ", quoted(src_lang),
         ", and this tokenizer marks no languages");
  }
  return parts_.languages->around(parts_.languages->id("src_lang", src_lang));
}

}  // namespace loquor
