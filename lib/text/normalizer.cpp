// The simple normalizers. What each does: https://huggingface.co/docs/tokenizers/api/normalizers
#include "text/normalizer.h"

#include "base/unicode.h"
#include "base/unicode_case.h"
#include "base/unicode_text.h"

namespace loquor {
namespace {

// The text with each character kept or not.
template <class Keep>
AlignedText filtered(const AlignedText& text, Keep&& keep) {
  return rewrite_characters(text,
                            [&](char32_t c, std::size_t begin, std::size_t end, Rewrite& rewrite) {
                              if (keep(c)) rewrite.keep(begin, end);
                            });
}

}  // namespace

AlignedText Prepend::apply(AlignedText text) const {
  if (text.size() == 0) return text;
  Rewrite rewrite(text);
  rewrite.prepend(0, prefix);
  rewrite.keep(0, text.size());
  return rewrite.finish();
}

AlignedText Replace::apply(AlignedText text) const {
  std::size_t found = text.text().find(pattern);
  if (found == std::string_view::npos) return text;
  Rewrite rewrite(text);
  std::size_t begin = 0;
  for (; found != std::string_view::npos; found = text.text().find(pattern, begin)) {
    rewrite.keep(begin, found);
    begin = found + pattern.size();
    rewrite.replace_last(begin, content);
  }
  rewrite.keep(begin, text.size());
  return rewrite.finish();
}

AlignedText ReplaceSpaces::apply(AlignedText text) const {
  std::size_t found = text.text().find("  ");
  if (found == std::string_view::npos) return text;
  Rewrite rewrite(text);
  std::size_t begin = 0;
  for (; found != std::string_view::npos; found = text.text().find("  ", begin)) {
    rewrite.keep(begin, found);
    begin = std::min(text.text().find_first_not_of(' ', found), text.size());
    rewrite.replace_last(begin, content);
  }
  rewrite.keep(begin, text.size());
  return rewrite.finish();
}

AlignedText Strip::apply(AlignedText text) const {
  const std::string_view all = text.text();
  std::size_t begin = left ? all.size() : 0, end = 0;
  for (std::size_t at = 0, next = 0; at < all.size(); at = next) {
    if (unicode::is_white_space(next_code_point(all, next))) continue;
    begin = std::min(begin, at);
    end = next;
  }
  if (!right) end = all.size();
  if (begin == 0 && end == all.size()) return text;
  Rewrite rewrite(text);
  if (begin < end) rewrite.keep(begin, end);
  return rewrite.finish();
}

AlignedText Lowercase::apply(AlignedText text) const {
  std::string lower;
  return rewrite_characters(
      text, [&](char32_t c, std::size_t begin, std::size_t end, Rewrite& rewrite) {
        lower.clear();
        if (c == 0x130) {
          lower = "i\u0307";  // the one letter whose lower case is two
        } else {
          // Sigma's lower case is that inside of words: each character is taken alone.
          append_utf8(lower, c == 0x3A3 ? 0x3C3 : unicode::to_lower(c).value_or(c));
        }
        if (lower == text.text().substr(begin, end - begin)) {
          rewrite.keep(begin, end);
        } else {
          rewrite.replace(begin, end, lower);
        }
      });
}

AlignedText StripAccents::apply(AlignedText text) const {
  // Combining marks as Unicode 9.0 lists them, which Hugging Face tokenizers go by.
  return filtered(text, [](char32_t c) {
    if (c == 0x1CF2 || c == 0x1CF3) return false;
    return !unicode::is_mark(c) || unicode::age(c) > 9 || c == 0x111C9;
  });
}

AlignedText Nmt::apply(AlignedText text) const {
  const auto is_removed = [](char32_t c) {
    return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
  };
  const auto is_space = [](char32_t c) {
    return c == 0x09 || c == 0x0A || c == 0x0C || c == 0x0D || c == 0x1680 ||
           (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == 0xFFFD;
  };
  return rewrite_characters(text,
                            [&](char32_t c, std::size_t begin, std::size_t end, Rewrite& rewrite) {
                              if (is_space(c)) {
                                rewrite.replace(begin, end, " ");
                              } else if (!is_removed(c)) {
                                rewrite.keep(begin, end);
                              }
                            });
}

AlignedText Precompiled::apply(AlignedText text) const {
  constexpr std::size_t kLongestCluster = 5;
  const std::string_view all = text.text();
  Rewrite rewrite(text);
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    end = unicode::grapheme_end(all, begin);
    const auto whole = end - begin <= kLongestCluster
                           ? map.shortest_prefix(all.substr(begin, end - begin))
                           : CharacterMap::Match();
    if (whole.size != 0) {
      rewrite.replace_each(begin, end, whole.replacement);
      continue;
    }
    for (std::size_t at = begin, next = begin; at < end; at = next) {
      next_code_point(all, next);
      const auto match = map.shortest_prefix(all.substr(at, next - at));
      if (match.size != 0) {
        rewrite.replace_each(at, next, match.replacement);
      } else {
        rewrite.keep(at, next);
      }
    }
  }
  return rewrite.finish();
}

AlignedText normalize(const std::vector<Normalizer>& steps, AlignedText text) {
  for (const Normalizer& step : steps) {
    text =
        std::visit([&](const auto& normalizer) { return normalizer.apply(std::move(text)); }, step);
  }
  return text;
}

}  // namespace loquor
