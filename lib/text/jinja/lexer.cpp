#include "text/jinja/lexer.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

constexpr std::size_t kMaxSource = std::size_t{8} << 20;

std::string with_unix_lines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t at = 0; at < source.size(); ++at) {
    const bool pair = source.substr(at, 2) == "\r\n";
    out += source[at] == '\r' ? '\n' : source[at];
    if (pair) ++at;
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();  // keep_trailing_newline is off
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) text();
    add(Token::Kind::end, {});
    return std::move(tokens_);
  }

 private:
  using Kind = Token::Kind;

  void add(Kind kind, std::string text) { tokens_.push_back({kind, line_, std::move(text)}); }

  bool next_is(std::string_view wanted) const {
    return source_.substr(at_, wanted.size()) == wanted;
  }

  // Moves to `end`, counting lines; whether a line starts there decides about lstrip_blocks.
  void move_to(std::size_t end) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         source_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
    if (end > at_) line_starts_ = source_[end - 1] == '\n';
    at_ = end;
  }

  std::size_t after_space(std::size_t at) const {
    while (at < source_.size()) {
      std::size_t next = at;
      if (!is_space(next_code_point(source_, next))) break;
      at = next;
    }
    return at;
  }

  // The text up to a tag that opens at `end` with `sign` ('-', '+' or anything else).
  void data(std::size_t end, char sign, bool is_block) {
    std::string_view text = source_.substr(at_, end - at_);
    if (sign == '-') {
      const Text whole(std::string(text), false);
      text = text.substr(0, strip(whole, std::nullopt, Side::right).size());
    } else if (sign != '+' && is_block) {
      const std::size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
      if ((line > 0 || line_starts_) && after_space(at_ + line) >= end) text = text.substr(0, line);
    }
    if (!text.empty()) add(Kind::data, std::string(text));
    move_to(end);
  }

  // The place after a block's end at_, be it "-%}", "+%}" or "%}"; at_ itself where there is none.
  std::size_t block_end(std::string_view close, std::size_t at) const {
    const bool minus = source_.substr(at, 1) == "-";
    const bool plus = source_.substr(at, 1) == "+";
    const std::size_t mark = at + (minus || plus ? 1 : 0);
    if (source_.substr(mark, 2) != close) return at;
    const std::size_t end = mark + 2;
    if (minus) return after_space(end);
    return !plus && source_.substr(end, 1) == "\n" ? end + 1 : end;
  }

  // The place after "{% word %}" at `at`, else `at`. `raw` itself does not take the newline after
  // it.
  std::size_t after_tag(std::size_t at, std::string_view word) const {
    std::size_t place = at + 2;
    if (place < source_.size() && (source_[place] == '-' || source_[place] == '+')) ++place;
    place = after_space(place);
    if (source_.substr(place, word.size()) != word) return at;
    place = after_space(place + word.size());
    if (word == "raw") {
      if (source_.substr(place, 2) == "%}") return place + 2;
      return source_.substr(place, 3) == "-%}" ? after_space(place + 3) : at;
    }
    const std::size_t end = block_end("%}", place);
    return end == place ? at : end;
  }

  char sign_at(std::size_t at) const { return at < source_.size() ? source_[at] : ' '; }

  // Text, then the tag that ends it.
  void text() {
    std::size_t open = source_.find('{', at_);
    while (open != source_.npos &&
           std::string_view("%{#").find(sign_at(open + 1)) == std::string_view::npos) {
      open = source_.find('{', open + 1);
    }
    if (open == source_.npos) {
      data(source_.size(), '+', false);
      return;
    }
    const char kind = source_[open + 1];
    const char sign = sign_at(open + 2);
    data(open, sign, kind != '{');
    if (kind == '%' && after_tag(at_, "raw") != at_) return raw();
    const std::size_t begin = open + (sign == '-' || sign == '+' ? 3 : 2);
    if (kind == '#') return comment(begin);
    add(kind == '%' ? Kind::block_begin : Kind::print_begin, {});
    move_to(begin);
    tag(kind == '%');
  }

  void raw() {
    const int line = line_;
    move_to(after_tag(at_, "raw"));
    for (std::size_t open = source_.find("{%", at_); open != source_.npos;
         open = source_.find("{%", open + 2)) {
      const std::size_t end = after_tag(open, "endraw");
      if (end == open) continue;
      data(open, sign_at(open + 2), true);
      move_to(end);
      return;
    }
    fail_at(line, Code::invalid_file, "{% raw %} has no {% endraw %}");
  }

  void comment(std::size_t begin) {
    std::size_t close = source_.find("#}", begin);
    if (close == source_.npos) fail_at(line_, Code::invalid_file, "a comment has no end");
    if (close > begin && (source_[close - 1] == '-' || source_[close - 1] == '+')) --close;
    move_to(block_end("#}", close));
  }

  void tag(bool is_block) {
    for (std::vector<char> open; at_ < source_.size();) {
      if (open.empty() && end_of_tag(is_block)) return;
      const char c = source_[at_];
      if (const std::size_t end = after_space(at_); end != at_) {
        move_to(end);
      } else if (is_digit(c)) {
        number();
      } else if (is_name_start(c)) {
        std::size_t end_of_name = at_;
        while (end_of_name < source_.size() &&
               (is_name_start(source_[end_of_name]) || is_digit(source_[end_of_name])))
          ++end_of_name;
        take(Kind::name, end_of_name - at_);
      } else if (c == '\'' || c == '"') {
        string();
      } else {
        symbol(open);
      }
    }
  }

  void take(Kind kind, std::size_t size) {
    add(kind, std::string(source_.substr(at_, size)));
    move_to(at_ + size);
  }

  bool end_of_tag(bool is_block) {
    std::size_t end = at_;
    if (is_block) {
      end = block_end("%}", at_);
    } else if (next_is("}}")) {
      end = at_ + 2;
    } else if (next_is("-}}")) {
      end = after_space(at_ + 3);
    }
    if (end == at_) return false;
    add(is_block ? Kind::block_end : Kind::print_end, {});
    move_to(end);
    return true;
  }

  std::size_t after_digits(std::size_t at) const {
    while (at < source_.size() &&
           (is_digit(source_[at]) || (source_[at] == '_' && is_digit(sign_at(at + 1)))))
      ++at;
    return at;
  }

  // 12, 1_000, 1.5, 1e9: a '.' before it means that it is an item's number, as in `pair.0`.
  void number() {
    std::size_t end = after_digits(at_);
    const bool member = at_ > 0 && source_[at_ - 1] == '.';
    bool is_float = false;
    if (!member && sign_at(end) == '.' && is_digit(sign_at(end + 1))) {
      end = after_digits(end + 1);
      is_float = true;
    }
    if (!member && (sign_at(end) == 'e' || sign_at(end) == 'E')) {
      const std::size_t sign = sign_at(end + 1) == '-' || sign_at(end + 1) == '+' ? 1 : 0;
      if (is_digit(sign_at(end + 1 + sign))) {
        end = after_digits(end + 1 + sign);
        is_float = true;
      }
    }
    std::string digits(source_.substr(at_, end - at_));
    std::erase(digits, '_');
    if (!is_float && digits.size() > 1 && digits[0] == '0')
      fail_at(line_, Code::invalid_file, "a number starts with 0");
    add(is_float ? Kind::number : Kind::integer, std::move(digits));
    move_to(end);
  }

  void string() {
    const char quote = source_[at_];
    const int line = line_;
    std::string out;
    std::size_t at = at_ + 1;
    while (at < source_.size() && source_[at] != quote) {
      if (source_[at] == '\\' && at + 1 < source_.size()) {
        escape(at, out);
      } else {
        out += source_[at++];
      }
    }
    if (at >= source_.size()) fail_at(line, Code::invalid_file, "a string has no end");
    add(Kind::string, std::move(out));
    move_to(at + 1);
  }

  // Python's escapes; a backslash before anything else stays.
  void escape(std::size_t& at, std::string& out) {
    constexpr std::string_view kLetters = "\\'\"abfnrtv\n";
    static constexpr char kMeant[] = {'\\', '\'', '"', '\a', '\b', '\f', '\n', '\r', '\t', '\v'};
    const char c = source_[at + 1];
    if (const std::size_t found = kLetters.find(c); found != kLetters.npos) {
      if (c != '\n') out += kMeant[found];
      at += 2;
    } else if (c == 'x' || c == 'u' || c == 'U') {
      code_point(at + 2, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, out);
      at += c == 'x' ? 4 : c == 'u' ? 6 : 10;
    } else if (c >= '0' && c <= '7') {
      std::size_t digits = 1;
      while (digits < 3 && sign_at(at + 1 + digits) >= '0' && sign_at(at + 1 + digits) <= '7')
        ++digits;
      code_point(at + 1, digits, 8, out);
      at += 1 + digits;
    } else if (c == 'N') {
      fail_at(line_, Code::unsupported, "\\N in a string");
    } else {
      out += '\\';
      ++at;
    }
  }

  void code_point(std::size_t at, std::size_t digits, unsigned base, std::string& out) const {
    char32_t value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      const char c = sign_at(i);
      const unsigned lower = static_cast<unsigned char>(c) | 0x20u;
      const unsigned digit = is_digit(c)                    ? static_cast<unsigned>(c - '0')
                             : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                            : 99;
      if (digit >= base) fail_at(line_, Code::invalid_file, "a string has a broken escape");
      value = value * base + digit;
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
      fail_at(line_, Code::invalid_file, "a string has an escape that is no character");
    }
    append_utf8(out, value);
  }

  // An operator; brackets must match, since "}}" within one is no end of the tag.
  void symbol(std::vector<char>& open) {
    for (const std::string_view two : {"//", "**", "==", "!=", ">=", "<="}) {
      if (next_is(two)) return take(Kind::symbol, 2);
    }
    const char c = source_[at_];
    constexpr std::string_view kOpening = "([{";
    constexpr std::string_view kClosing = ")]}";
    if (const std::size_t found = kOpening.find(c); found != kOpening.npos) {
      open.push_back(kClosing[found]);
    } else if (kClosing.find(c) != kClosing.npos) {
      if (open.empty() || open.back() != c)
        fail_at(line_, Code::invalid_file, "unexpected '", c, "'");
      open.pop_back();
    } else if (std::string_view("+-/*%~><=.:|,;").find(c) == std::string_view::npos) {
      fail_at(line_, Code::invalid_file, "unexpected character ",
              quoted(source_.substr(at_, next_character(source_, at_) - at_)));
    }
    take(Kind::symbol, 1);
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool line_starts_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  if (source.size() > kMaxSource)
    fail(Code::unsupported, "a chat template of more than ", kMaxSource >> 20, " MiB");
  if (!is_utf8(source))
    fail(Code::invalid_file, "chat template: not valid UTF-8 at byte ", valid_utf8_prefix(source));
  const std::string lines = with_unix_lines(source);
  return Lexer(lines).run();
}

}  // namespace loquor::jinja
