// Writes a JSON document.
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"

namespace loquor {

namespace {

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  void write(const Json& value, std::size_t depth) {
    if (depth == kJsonDepthLimit && (value.is_array() || value.is_object())) {
      fail(Code::invalid_argument, "JSON is nested deeper than ", kJsonDepthLimit);
    }
    switch (value.kind()) {
      case Json::Kind::null:
        out_ += "null";
        break;
      case Json::Kind::boolean:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Json::Kind::integer:
        out_ += std::to_string(value.as_integer());
        break;
      case Json::Kind::number:
        write_number(value.as_number());
        break;
      case Json::Kind::string:
        write_string(value.as_string());
        break;
      case Json::Kind::array:
        write_array(value.as_array(), depth);
        break;
      case Json::Kind::object:
        write_object(value.as_object(), depth);
        break;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void write_number(double value) {
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    char digits[32];
    const std::string_view text(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    out_ += text;
    // It is to be read back as a number, not as an integer.
    if (text.find_first_of(".e") == std::string_view::npos) out_ += ".0";
  }

  void write_string(const std::string& value) {
    if (!is_utf8(value)) return write_string(replace_invalid_utf8(value));
    out_ += '"';
    for (const char character : value) write_character(character);
    out_ += '"';
  }

  void write_character(char character) {
    constexpr char kHex[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(character);
    switch (character) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\r':
        out_ += "\\r";
        break;
      case '\t':
        out_ += "\\t";
        break;
      default:
        if (byte >= 0x20) {
          out_ += character;
        } else {
          out_ += "\\u00";
          out_ += kHex[byte >> 4];
          out_ += kHex[byte & 15];
        }
    }
  }

  void write_array(const Json::Array& elements, std::size_t depth) {
    out_ += '[';
    for (const Json& element : elements) {
      separate(&element == &elements.front(), depth + 1);
      write(element, depth + 1);
    }
    if (!elements.empty()) new_line(depth);
    out_ += ']';
  }

  void write_object(const Json::Object& members, std::size_t depth) {
    out_ += '{';
    for (const Json::Member& member : members) {
      separate(&member == &members.front(), depth + 1);
      write_string(member.first);
      out_ += indent_ < 0 ? ":" : ": ";
      write(member.second, depth + 1);
    }
    if (!members.empty()) new_line(depth);
    out_ += '}';
  }

  void separate(bool first, std::size_t depth) {
    if (!first) out_ += ',';
    new_line(depth);
  }

  void new_line(std::size_t depth) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_) * depth, ' ');
  }

  int indent_;
  std::string out_;
};

}  // namespace

std::string Json::dump(int indent) const {
  Writer writer(indent);
  writer.write(*this, 0);
  return writer.take();
}

}  // namespace loquor
