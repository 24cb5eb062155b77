// Classes of characters come from the Unicode tables; each function follows its pattern's
// alternatives in order.
#include "text/split_pattern.h"

#include <algorithm>
#include <array>

#include "base/unicode.h"

namespace loquor {
namespace {

enum class Class : unsigned char { letter, number, space, other };

constexpr std::array<Class, 128> kAscii = [] {
  std::array<Class, 128> classes{};
  for (unsigned c = 0; c < 128; ++c) {
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    const bool space = c == ' ' || (c >= 9 && c <= 13);
    classes[c] = letter                 ? Class::letter
                 : c >= '0' && c <= '9' ? Class::number
                 : space                ? Class::space
                                        : Class::other;
  }
  return classes;
}();

// A character of text that is known to be valid UTF-8.
struct Scalar {
  char32_t code_point = 0;
  Class kind = Class::other;
  std::size_t end = 0;
};

Scalar read(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) -> char32_t {
    return static_cast<unsigned char>(text[at + i]);
  };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, kAscii[lead], at + 1};
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t c = lead & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) c = c << 6 | (byte(i) & 0x3F);
  const Class kind = unicode::is_letter(c)        ? Class::letter
                     : unicode::is_number(c)      ? Class::number
                     : unicode::is_white_space(c) ? Class::space
                                                  : Class::other;
  return {c, kind, at + size};
}

// The end of the run of such characters that starts at `at`.
template <class Predicate>
std::size_t run_while(std::string_view text, std::size_t at, Predicate&& holds) noexcept {
  while (at < text.size()) {
    const Scalar next = read(text, at);
    if (!holds(next)) break;
    at = next.end;
  }
  return at;
}

// The end of the run of one class that starts at `at`.
std::size_t run(std::string_view text, std::size_t at, Class kind) noexcept {
  return run_while(text, at, [&](const Scalar& next) { return next.kind == kind; });
}

bool is_newline(char32_t c) noexcept { return c == '\r' || c == '\n'; }

std::size_t newlines(std::string_view text, std::size_t at) noexcept {
  return run_while(text, at, [](const Scalar& next) { return is_newline(next.code_point); });
}

// \p{N}{1,most} from `at`; `at` where no number is.
std::size_t numbers(std::string_view text, std::size_t at, std::size_t most) noexcept {
  std::size_t count = 0;
  return run_while(
      text, at, [&](const Scalar& next) { return next.kind == Class::number && count++ < most; });
}

// 's 't 'm 'd 're 've 'll behind an apostrophe that ends at `at`: their end, or `at` where there is
// none. Without regard to case the long s matches too, as U+017F folds to s.
std::size_t contraction(std::string_view text, std::size_t at, bool any_case) noexcept {
  const auto letter = [&](std::size_t i) {
    const char c = at + i < text.size() ? text[at + i] : '\0';
    return any_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  };
  const char first = letter(0), second = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 1;
  if (((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l'))
    return at + 2;
  if (any_case && text.substr(at, 2) == "\u017F") return at + 2;
  return at;
}

// \s+(?!\S)|\s+ from `begin`, a white space: all but the last of a run that something follows.
std::size_t white_space(std::string_view text, std::size_t begin) noexcept {
  std::size_t last = begin, end = begin;
  for (; end < text.size();) {
    const Scalar next = read(text, end);
    if (next.kind != Class::space) break;
    last = end;
    end = next.end;
  }
  return end == text.size() || last == begin ? end : last;
}

// \s*[\r\n]+|\s+(?!\S)|\s+ from `begin`, a white space.
std::size_t lines_or_white_space(std::string_view text, std::size_t begin) noexcept {
  const std::size_t end = run(text, begin, Class::space);
  const std::size_t newline = text.substr(begin, end - begin).find_last_of("\r\n");
  return newline != std::string_view::npos ? begin + newline + 1 : white_space(text, begin);
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,digits}|
// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t scan_words(std::string_view text, std::size_t begin, std::size_t digits) noexcept {
  const Scalar first = read(text, begin);
  if (first.code_point == '\'') {
    const std::size_t end = contraction(text, first.end, true);
    if (end != first.end) return end;
  }
  if (first.kind == Class::letter) return run(text, first.end, Class::letter);
  const Scalar second =
      first.end < text.size() ? read(text, first.end) : Scalar{0, Class::space, 0};
  if (first.kind != Class::number && !is_newline(first.code_point) &&
      second.kind == Class::letter) {
    return run(text, second.end, Class::letter);
  }
  if (first.kind == Class::number) return numbers(text, begin, digits);
  if (first.kind == Class::other || (first.code_point == ' ' && second.kind == Class::other)) {
    return newlines(text, run(text, first.end, Class::other));
  }
  return lines_or_white_space(text, begin);
}

bool is_ascii_letter(const Scalar& c) noexcept {
  return c.code_point < 0x80 && c.kind == Class::letter;
}

// [\p{L}\p{M}]
bool is_letter_or_mark(const Scalar& c) noexcept {
  return c.kind == Class::letter || unicode::is_mark(c.code_point);
}

// [\p{P}\p{S}]
bool is_sign(const Scalar& c) noexcept {
  return unicode::is_punctuation(c.code_point) || unicode::is_symbol(c.code_point);
}

struct Known {
  std::string_view pattern;
  Scanner scanner;
};

constexpr Known kKnown[] = {
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)", scan_gpt2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scan_llama3},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scan_qwen2},
    // cl100k writes the same language with possessive quantifiers.
    {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
     scan_llama3},
    {R"(\p{N}{1,3})", scan_numbers},
    {"[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", scan_han_kana},
    {R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     scan_deepseek_v3},
    // DeepSeek's own files hold the two newlines themselves.
    {R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^)"
     "\r\n"
     R"(\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[)"
     "\r\n"
     R"(]*|\s*[)"
     "\r\n"
     R"(]+|\s+(?!\S)|\s+)",
     scan_deepseek_v3},
};

}  // namespace

// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
std::size_t scan_gpt2(std::string_view text, std::size_t begin) noexcept {
  const Scalar first = read(text, begin);
  if (first.code_point == '\'') {
    const std::size_t end = contraction(text, first.end, false);
    if (end != first.end) return end;
  }
  if (first.kind != Class::space) return run(text, first.end, first.kind);
  if (first.code_point == ' ' && first.end < text.size()) {
    const Scalar second = read(text, first.end);
    if (second.kind != Class::space) return run(text, second.end, second.kind);
  }
  return white_space(text, begin);
}

std::size_t scan_llama3(std::string_view text, std::size_t begin) noexcept {
  return scan_words(text, begin, 3);
}

std::size_t scan_qwen2(std::string_view text, std::size_t begin) noexcept {
  return scan_words(text, begin, 1);
}

std::size_t scan_numbers(std::string_view text, std::size_t begin) noexcept {
  return numbers(text, begin, 3);
}

// [一-龥぀-ゟ゠-ヿ]+
std::size_t scan_han_kana(std::string_view text, std::size_t begin) noexcept {
  return run_while(text, begin, [](const Scalar& next) {
    const char32_t c = next.code_point;
    return (c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF);
  });
}

// [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
// ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
std::size_t scan_deepseek_v3(std::string_view text, std::size_t begin) noexcept {
  const Scalar first = read(text, begin);
  const bool first_sign = is_sign(first);
  if (first_sign && first.code_point < 0x80) {
    const std::size_t end = run_while(text, first.end, is_ascii_letter);
    if (end != first.end) return end;
  }
  if (is_letter_or_mark(first)) return run_while(text, first.end, is_letter_or_mark);
  if (!first_sign && !is_newline(first.code_point)) {
    const std::size_t end = run_while(text, first.end, is_letter_or_mark);
    if (end != first.end) return end;
  }
  const std::size_t signs = first.code_point == ' ' ? first.end : begin;
  const std::size_t signs_end = run_while(text, signs, is_sign);
  if (signs_end != signs) return newlines(text, signs_end);
  return first.kind == Class::space ? lines_or_white_space(text, begin) : begin;
}

std::optional<Scanner> find_scanner(std::string_view pattern) noexcept {
  const auto* found = std::find_if(std::begin(kKnown), std::end(kKnown),
                                   [&](const Known& known) { return known.pattern == pattern; });
  return found == std::end(kKnown) ? std::nullopt : std::optional(found->scanner);
}

}  // namespace loquor
