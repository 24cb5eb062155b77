#include "base/error.h"

#include <charconv>

#include "base/utf8.h"

namespace loquor {

void detail::append_number(std::string& out, double value) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

namespace {

void append_escaped(std::string& out, char byte) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kHex[value >> 4];
  out += kHex[value & 15];
}

bool is_control(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (lead < 0x20 || lead == 0x7f) return true;
  // C1 controls (U+0080..U+009F) and the two line separators would break or restyle the line.
  if (lead == 0xc2) return static_cast<unsigned char>(character[1]) < 0xa0;
  return character == "\u2028" || character == "\u2029";
}

}  // namespace

std::string quoted(std::string_view value, std::size_t limit) {
  const bool cut = value.size() > limit;
  if (cut) value = value.substr(0, complete_utf8_prefix(value.substr(0, limit)));
  std::string out = "'";
  for (std::size_t position = 0; position < value.size();) {
    const std::size_t start = position;
    const char32_t code_point = next_code_point(value, position);
    const std::string_view bytes = value.substr(start, position - start);
    const bool invalid = code_point == kReplacementCharacter && bytes.size() == 1;
    if (invalid || is_control(bytes)) {
      for (const char byte : bytes) append_escaped(out, byte);
    } else {
      out += bytes;
    }
  }
  return out += cut ? "...'" : "'";
}

}  // namespace loquor
