#include "text/jinja/strings.h"

#include <algorithm>

#include "base/error.h"
#include "base/unicode.h"
#include "base/unicode_case.h"
#include "base/utf8.h"
#include "text/jinja/value.h"

namespace loquor::jinja {

namespace {

using unicode::Category;

bool is_line_end(char32_t c) noexcept {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

bool is_printable(char32_t c) noexcept { return c == ' ' || unicode::category(c) < Category::Zs; }

char32_t character_at(std::string_view text, std::size_t at) noexcept {
  return next_code_point(text, at);
}

std::size_t previous_character(std::string_view text, std::size_t at) noexcept {
  do --at;
  while (at > 0 && (text[at] & '\xC0') == '\x80');
  return at;
}

// Goes through the words and the white space of a text from left to right.
struct Words {
  std::string_view text;
  std::size_t at = 0;

  void skip_space() { skip(true); }
  void skip_word() { skip(false); }

 private:
  void skip(bool space) {
    while (at < text.size() && is_space(character_at(text, at)) == space)
      at = next_character(text, at);
  }
};

void add_part(std::vector<Text>& parts, const Text& text, std::size_t begin, std::size_t end) {
  if (parts.size() == Machine::kMaxItems) {
    fail(Code::unsupported, "a list of more than ", Machine::kMaxItems, " items");
  }
  parts.push_back(text.slice(begin, end));
}

std::vector<Text> split_at_space(const Text& text, std::int64_t limit) {
  std::vector<Text> parts;
  Words words{text.view()};
  for (words.skip_space(); words.at < text.size(); words.skip_space()) {
    const std::size_t begin = words.at;
    if (limit-- == 0) {
      parts.push_back(strip(text.slice(begin, text.size()), std::nullopt, Side::right));
      break;
    }
    words.skip_word();
    add_part(parts, text, begin, words.at);
  }
  return parts;
}

std::vector<Text> split_at(const Text& text, std::string_view separator, std::int64_t limit) {
  std::vector<Text> parts;
  std::size_t begin = 0;
  for (; limit != 0; --limit) {
    const std::size_t found = text.view().find(separator, begin);
    if (found == std::string_view::npos) break;
    add_part(parts, text, begin, found);
    begin = found + separator.size();
  }
  add_part(parts, text, begin, text.size());
  return parts;
}

std::vector<Text> split_at_from_right(const Text& text, std::string_view separator,
                                      std::int64_t limit) {
  std::vector<Text> parts;
  std::size_t end = text.size();
  for (; limit != 0 && end >= separator.size(); --limit) {
    const std::size_t found = text.view().substr(0, end).rfind(separator);
    if (found == std::string_view::npos) break;
    add_part(parts, text, found + separator.size(), end);
    end = found;
  }
  add_part(parts, text, 0, end);
  std::reverse(parts.begin(), parts.end());
  return parts;
}

bool is_cased(char32_t c) noexcept { return unicode::category(c) <= Category::Lt; }

char32_t in_case(char32_t c, bool upper) {
  const auto mapped = upper ? unicode::to_upper(c) : unicode::to_lower(c);
  if (mapped) return *mapped;
  std::string shown;
  append_utf8(shown, c);
  fail(Code::unsupported, "the ", upper ? "upper" : "lower", " case of '", shown, "'");
}

// Whether a word, which gets a capital, starts after c.
bool starts_word(char32_t c, Case wanted) noexcept {
  if (wanted == Case::title_words) return !is_cased(c);
  constexpr std::string_view kBreaks = "-({[<";
  return wanted == Case::title &&
         (is_space(c) || (c < 0x80 && kBreaks.find(static_cast<char>(c)) != kBreaks.npos));
}

void append_escaped(std::string& out, char32_t c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  out += '\\';
  out += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kDigits[(c >> shift) & 15];
}

}  // namespace

// White_Space, and the four separators of ASCII.
bool is_space(char32_t c) noexcept {
  return unicode::is_white_space(c) || (c >= 0x1C && c <= 0x1F);
}

std::int64_t character_count(std::string_view text) noexcept {
  return std::count_if(text.begin(), text.end(),
                       [](char byte) { return (byte & '\xC0') != '\x80'; });
}

std::size_t next_character(std::string_view text, std::size_t at) noexcept {
  do ++at;
  while (at < text.size() && (text[at] & '\xC0') == '\x80');
  return std::min(at, text.size());
}

std::size_t character_offset(std::string_view text, std::size_t from, std::int64_t count) noexcept {
  for (; count > 0 && from < text.size(); --count) from = next_character(text, from);
  return from;
}

Text strip(const Text& text, std::optional<std::string_view> characters, Side side) {
  const auto goes = [&](char32_t c) {
    if (!characters) return is_space(c);
    for (std::size_t at = 0; at < characters->size();) {
      if (next_code_point(*characters, at) == c) return true;
    }
    return false;
  };
  std::size_t begin = 0;
  std::size_t end = text.size();
  if (side != Side::right) {
    while (begin < end && goes(character_at(text.view(), begin)))
      begin = next_character(text.view(), begin);
  }
  if (side != Side::left) {
    while (end > begin) {
      const std::size_t last = previous_character(text.view(), end);
      if (!goes(character_at(text.view(), last))) break;
      end = last;
    }
  }
  return text.slice(begin, end);
}

std::vector<Text> split(const Text& text, std::optional<std::string_view> separator,
                        std::int64_t limit, bool from_right) {
  if (!separator) {
    if (from_right && limit >= 0) fail(Code::unsupported, "rsplit() at white space with a limit");
    return split_at_space(text, limit);
  }
  if (separator->empty()) fail(Code::invalid_argument, "split(): the separator is empty");
  return from_right ? split_at_from_right(text, *separator, limit)
                    : split_at(text, *separator, limit);
}

std::vector<Text> split_lines(const Text& text) {
  std::vector<Text> lines;
  const std::string_view view = text.view();
  std::size_t begin = 0;
  for (std::size_t at = 0; at < view.size();) {
    const std::size_t next = next_character(view, at);
    if (is_line_end(character_at(view, at))) {
      add_part(lines, text, begin, at);
      begin = view.substr(at, 2) == "\r\n" ? next + 1 : next;
      at = begin;
    } else {
      at = next;
    }
  }
  if (begin < view.size()) add_part(lines, text, begin, view.size());
  return lines;
}

Text replace(const Text& text, std::string_view old, const Text& replacement, std::int64_t limit) {
  Text out;
  const std::string_view view = text.view();
  std::size_t begin = 0;
  std::size_t search = 0;
  for (; limit != 0 && search <= view.size(); --limit) {
    const std::size_t found = view.find(old, search);
    if (found == std::string_view::npos) break;
    out.append(text, begin, found);
    out.append(replacement);
    begin = found + old.size();
    // An empty `old` stands before each character and at the end.
    search = old.empty() ? (found == view.size() ? found + 1 : next_character(view, found)) : begin;
  }
  out.append(text, begin, view.size());
  return out;
}

bool is_case(std::string_view text, bool upper) noexcept {
  bool any = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (!is_cased(c)) continue;
    if ((unicode::category(c) == Category::Lu) != upper || unicode::category(c) == Category::Lt)
      return false;
    any = true;
  }
  return any;
}

bool is_digits(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Category category = unicode::category(next_code_point(text, at));
    if (category == Category::No)
      fail(Code::unsupported, "isdigit() of superscripts and fractions");
    if (category != Category::Nd) return false;
  }
  return !text.empty();
}

Text to_case(const Text& text, Case wanted) {
  // Case mappings of one code point: each keeps the provenance of its byte.
  Text out;
  bool start = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = next_character(text.view(), at);
    const char32_t c = character_at(text.view(), at);
    const bool upper = wanted == Case::upper || (wanted != Case::lower && start);
    const char32_t mapped = in_case(c, upper);
    if (mapped == c) {
      out.append(text, at, next);
    } else {
      const Text original = text.slice(at, next);
      std::string bytes;
      append_utf8(bytes, mapped);
      out.append(bytes, !original.from_template().empty());
    }
    start = starts_word(c, wanted);
    at = next;
  }
  return out;
}

Text repr(const Text& text) {
  const std::string_view view = text.view();
  const bool single = view.find('\'') == view.npos || view.find('"') != view.npos;
  const char quote = single ? '\'' : '"';
  Text out(std::string(1, quote), false);
  for (std::size_t at = 0; at < view.size();) {
    const std::size_t next = next_character(view, at);
    const char32_t c = character_at(view, at);
    std::string escaped;
    if (c == '\\' || c == static_cast<char32_t>(quote)) {
      escaped = {'\\', static_cast<char>(c)};
    } else if (c == '\n' || c == '\r' || c == '\t') {
      escaped = c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (!is_printable(c)) {
      append_escaped(escaped, c);
    }
    if (escaped.empty()) {
      out.append(text, at, next);
    } else {
      out.append(escaped, false);
    }
    at = next;
  }
  out.append(std::string_view(&quote, 1), false);
  return out;
}

}  // namespace loquor::jinja
