// The pull reader, and on top of it the reader of whole documents.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"

namespace loquor {

using Kind = Json::Kind;

namespace {

// Bytes that stand for themselves inside a string: all but quotes, backslashes and control
// characters.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 256; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }

void require_unique_keys(const Json::Object& members, const JsonReader& reader) {
  constexpr std::size_t kFew = 16;
  const std::string* repeated = nullptr;
  if (members.size() <= kFew) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (members[i].first == members[j].first) repeated = &members[i].first;
      }
    }
  } else {
    std::vector<const std::string*> keys;
    keys.reserve(members.size());
    for (const auto& member : members) keys.push_back(&member.first);
    std::sort(keys.begin(), keys.end(), [](auto* left, auto* right) { return *left < *right; });
    const auto same = [](auto* left, auto* right) { return *left == *right; };
    const auto found = std::adjacent_find(keys.begin(), keys.end(), same);
    if (found != keys.end()) repeated = *found;
  }
  if (repeated)
    reader.fail_here(text("the key ", quoted(*repeated), " stands twice in one object"));
}

}  // namespace

struct JsonReader::Number {
  bool is_integer;
  std::int64_t integer;
  double value;
  std::size_t end;  // position behind it
};

void JsonReader::fail_here(std::string_view message) const {
  const std::string_view before = text_.substr(0, position_);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  fail(Code::invalid_file, "line ", line, ", column ", position_ - start + 1, ": ", message);
}

void JsonReader::fail_expected(std::string_view expected) const {
  if (position_ >= text_.size()) fail_here(text("expected ", expected, ", found the end"));
  std::size_t end = position_;
  next_code_point(text_, end);
  const std::string_view found = text_.substr(position_, end - position_);
  fail_here(text("expected ", expected, ", found ", quoted(found)));
}

void JsonReader::white_space() noexcept {
  while (position_ < text_.size()) {
    const char character = text_[position_];
    if (character != ' ' && character != '\n' && character != '\r' && character != '\t') return;
    ++position_;
  }
}

Kind JsonReader::peek() {
  white_space();
  switch (position_ < text_.size() ? text_[position_] : '\0') {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return scan_number().is_integer ? Kind::integer : Kind::number;
    default:
      fail_expected("a value");
  }
}

void JsonReader::require(Kind kind) {
  const Kind found = peek();
  if (found != kind) fail_here(text("expected ", name(kind), ", found ", name(found)));
}

void JsonReader::open(Kind kind, char bracket) {
  require(kind);
  if (open_.size() >= kJsonDepthLimit) fail_here(text("nested deeper than ", kJsonDepthLimit));
  open_.push_back(bracket);
  first_ = true;
  ++position_;
}

void JsonReader::begin_object() { open(Kind::object, '{'); }

void JsonReader::begin_array() { open(Kind::array, '['); }

bool JsonReader::next(char bracket, char closing) {
  if (open_.empty() || open_.back() != bracket) {
    fail(Code::internal, "JsonReader: asked for the next part of a value that is not open");
  }
  white_space();
  const char character = position_ < text_.size() ? text_[position_] : '\0';
  if (character == closing) {
    ++position_;
    open_.pop_back();
    first_ = false;
    return false;
  }
  if (!first_) {
    if (character != ',') fail_expected(closing == '}' ? "',' or '}'" : "',' or ']'");
    ++position_;
  }
  first_ = false;
  return true;
}

bool JsonReader::next_key(std::string_view& key) {
  if (!next('{', '}')) return false;
  white_space();
  if (position_ >= text_.size() || text_[position_] != '"') fail_expected("a key in quotes");
  key = quoted_text(key_);
  white_space();
  if (position_ >= text_.size() || text_[position_] != ':') fail_expected("':'");
  ++position_;
  return true;
}

bool JsonReader::next_element() { return next('[', ']'); }

std::string_view JsonReader::string() {
  require(Kind::string);
  return quoted_text(string_);
}

// The string whose opening quote is here, read in runs of bytes that stand for themselves.
std::string_view JsonReader::quoted_text(std::string& buffer) {
  bool escaped = false;
  for (std::size_t start = ++position_;; start = position_) {
    unsigned char all_bits = 0;
    while (position_ < text_.size() && kPlain[static_cast<unsigned char>(text_[position_])]) {
      all_bits |= static_cast<unsigned char>(text_[position_++]);
    }
    const std::string_view run = text_.substr(start, position_ - start);
    if (all_bits >= 0x80) {
      const std::size_t valid = valid_utf8_prefix(run);
      if (valid != run.size()) {
        position_ = start + valid;
        fail_here("a string is not valid UTF-8");
      }
    }
    if (position_ >= text_.size()) fail_expected("the closing quote of a string");
    const char stop = text_[position_];
    if (stop == '"' && !escaped) {
      ++position_;
      return run;
    }
    if (stop != '"' && stop != '\\') fail_here("a control character stands unescaped in a string");
    if (!escaped) buffer.clear();
    escaped = true;
    buffer += run;
    ++position_;
    if (stop == '"') return buffer;
    append_escape(buffer);
  }
}

// What stands behind a backslash.
void JsonReader::append_escape(std::string& buffer) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char letter = position_ < text_.size() ? text_[position_] : '\0';
  if (const std::size_t i = kNames.find(letter); i != std::string_view::npos) {
    buffer += kMeanings[i];
    ++position_;
    return;
  }
  if (letter != 'u') fail_expected("an escape (one of \"\\/bfnrtu)");
  ++position_;
  char32_t unit = hexadecimal();
  if (unit >= 0xd800 && unit < 0xe000) {
    const bool paired = unit < 0xdc00 && text_.substr(position_, 2) == "\\u";
    if (paired) position_ += 2;
    const char32_t low = paired ? hexadecimal() : 0;
    if (low < 0xdc00 || low >= 0xe000) fail_here("an escaped surrogate stands alone");
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(buffer, unit);
}

char32_t JsonReader::hexadecimal() {
  constexpr std::size_t kDigits = 4;
  const std::string_view digits = text_.substr(position_, kDigits);
  std::uint16_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != kDigits || result.ptr != digits.data() + kDigits) {
    fail_here("expected four hexadecimal digits after \\u");
  }
  position_ += kDigits;
  return value;
}

JsonReader::Number JsonReader::scan_number() {
  std::size_t end = position_;
  const auto at = [&](char character) { return end < text_.size() && text_[end] == character; };
  const auto digits = [&] {
    const std::size_t start = end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    if (end == start) {
      position_ = end;
      fail_expected("a digit");
    }
  };
  if (at('-')) ++end;
  if (at('0')) {
    ++end;
  } else {
    digits();
  }
  Number number{true, 0, 0, 0};
  if (at('.')) {
    number.is_integer = false;
    ++end;
    digits();
  }
  if (at('e') || at('E')) {
    number.is_integer = false;
    ++end;
    if (at('+') || at('-')) ++end;
    digits();
  }
  number.end = end;
  const char* first = text_.data() + position_;
  const char* last = text_.data() + end;
  if (number.is_integer) {
    number.is_integer = std::from_chars(first, last, number.integer).ec == std::errc();
    number.value = static_cast<double>(number.integer);
  }
  if (!number.is_integer && std::from_chars(first, last, number.value).ec != std::errc()) {
    fail_here("a number that a double cannot hold");
  }
  return number;
}

// Takes the number that is next; where something else is, the error says that a `kind` was
// expected.
JsonReader::Number JsonReader::take_number(Kind kind) {
  white_space();
  const char character = position_ < text_.size() ? text_[position_] : '\0';
  if (character != '-' && !is_digit(character)) require(kind);
  const Number number = scan_number();
  if (kind == Kind::integer && !number.is_integer) {
    const bool whole = number.value == std::trunc(number.value);
    if (!whole || !(std::abs(number.value) < 0x1p63)) {
      fail_here(text("expected an integer of 64 bits, found ", number.value));
    }
  }
  position_ = number.end;
  return number;
}

std::int64_t JsonReader::integer() {
  const Number number = take_number(Kind::integer);
  return number.is_integer ? number.integer : static_cast<std::int64_t>(number.value);
}

double JsonReader::number() { return take_number(Kind::number).value; }

std::string_view JsonReader::number_text() {
  white_space();
  const std::size_t begin = position_;
  take_number(Kind::number);
  return text_.substr(begin, position_ - begin);
}

void JsonReader::literal(std::string_view word) {
  if (text_.substr(position_, word.size()) != word) fail_expected(word);
  position_ += word.size();
}

bool JsonReader::boolean() {
  require(Kind::boolean);
  const bool value = text_[position_] == 't';
  literal(value ? "true" : "false");
  return value;
}

// Its recursion is as deep as the document, which open() limits.
Json JsonReader::value() {
  switch (peek()) {
    case Kind::null:
      literal("null");
      return nullptr;
    case Kind::boolean:
      return boolean();
    case Kind::string:
      return string();
    case Kind::array:
      return array_value();
    case Kind::object:
      return object_value();
    case Kind::integer:
    case Kind::number:
      break;
  }
  const Number number = take_number(Kind::number);
  return number.is_integer ? Json(number.integer) : Json(number.value);
}

Json JsonReader::array_value() {
  Json::Array elements;
  for (begin_array(); next_element();) elements.push_back(value());
  return elements;
}

Json JsonReader::object_value() {
  Json::Object members;
  std::string_view key;
  for (begin_object(); next_key(key);) {
    Json::Member& member = members.emplace_back(key, Json());
    member.second = value();
  }
  require_unique_keys(members, *this);
  return members;
}

void JsonReader::skip() {
  const std::size_t depth = open_.size();
  std::string_view key;
  do {
    if (open_.size() > depth && !(open_.back() == '{' ? next_key(key) : next_element())) continue;
    switch (peek()) {
      case Kind::array:
        begin_array();
        break;
      case Kind::object:
        begin_object();
        break;
      case Kind::string:
        string();
        break;
      case Kind::null:
        literal("null");
        break;
      case Kind::boolean:
        boolean();
        break;
      case Kind::integer:
      case Kind::number:
        number();
        break;
    }
  } while (open_.size() > depth);
}

void JsonReader::end() {
  white_space();
  if (position_ != text_.size()) fail_expected("the end");
}

}  // namespace loquor
