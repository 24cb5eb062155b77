#include "json.h"

#include <charconv>
#include <cmath>

namespace tool {

Json json(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\r':
        text += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          constexpr std::string_view kDigits = "0123456789abcdef";
          text += "\\u00";
          text += kDigits[static_cast<unsigned char>(c) >> 4];
          text += kDigits[static_cast<unsigned char>(c) & 15];
        } else {
          text += c;
        }
    }
  }
  return {text + "\""};
}

Json json(double value) {
  if (!std::isfinite(value)) return {"null"};
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return {std::string(digits, end)};
}

}  // namespace tool
