// Python's json.dumps() of a template's values, as transformers' filter `tojson` calls it.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/utf8.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

void append_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(unit >> shift) & 15];
}

// The escape of a character in a JSON string; empty where it stands as it is.
std::string escape(char32_t c, bool ensure_ascii) {
  constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
  constexpr std::string_view kLetters = "\"\\nrtfb";
  std::string out;
  if (c < 0x80) {
    const std::size_t found = kShort.find(static_cast<char>(c));
    if (found != kShort.npos) {
      out = {'\\', kLetters[found]};
    } else if (c < 0x20) {
      append_unit(out, c);
    }
  } else if (ensure_ascii && c < 0x10000) {
    append_unit(out, c);
  } else if (ensure_ascii) {
    append_unit(out, 0xD800 + ((c - 0x10000) >> 10));
    append_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
  }
  return out;
}

class Writer {
 public:
  Writer(Machine& machine, Text& out, const JsonStyle& style)
      : machine_(machine), out_(out), style_(style) {}

  void value(const Value& value) {
    machine_.step();
    if (const Text* text = value.text()) return string(*text);
    if (const Dictionary* dict = value.dictionary()) return object(*dict);
    const Sequence* list = value.sequence();
    if (list && list->flavor <= Sequence::Flavor::tuple) return array(*list);
    if (value.is_none() || value.is_number()) return out_.append(scalar(value), false);
    fail(Code::invalid_argument, "tojson: a ", value.type(), " is not JSON serializable");
  }

 private:
  static std::string scalar(const Value& value) {
    if (const bool* boolean = value.boolean()) return *boolean ? "true" : "false";
    if (const std::int64_t* integer = value.integer()) return std::to_string(*integer);
    if (value.is_none()) return "null";
    const double number = *value.number();
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    return repr(number);
  }

  void string(const Text& text) {
    machine_.step(text.size() / 64);
    out_.append("\"", false);
    std::size_t kept = 0;  // what stands before it is written
    for (std::size_t at = 0; at < text.size();) {
      std::size_t next = at;
      const char32_t c = next_code_point(text.view(), next);
      if (const std::string escaped = escape(c, style_.ensure_ascii); !escaped.empty()) {
        out_.append(text, kept, at);
        out_.append(escaped, false);
        kept = next;
      }
      at = next;
    }
    out_.append(text, kept, text.size());
    out_.append("\"", false);
  }

  void key(const Value& key) {
    if (const Text* text = key.text()) return string(*text);
    if (!key.is_none() && !key.is_number()) {
      fail(Code::invalid_argument, "tojson: a key must be str, int, float, bool or None, found ",
           key.type());
    }
    out_.append("\"", false);
    out_.append(scalar(key), false);
    out_.append("\"", false);
  }

  void new_line() {
    if (!style_.indent) return;
    out_.append("\n", false);
    for (int level = 0; level < level_; ++level) out_.append(*style_.indent);
  }

  template <class Items, class Write>
  void items(std::string_view brackets, const Items& items, const Write& write) {
    out_.append(brackets.substr(0, 1), false);
    ++level_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_.append(style_.item_separator);
      first = false;
      new_line();
      write(item);
    }
    --level_;
    if (!first) new_line();
    out_.append(brackets.substr(1), false);
  }

  void array(const Sequence& list) {
    items("[]", list.items, [this](const Value& item) { value(item); });
  }

  void object(const Dictionary& dict) {
    std::vector<const Dictionary::Member*> members;
    members.reserve(dict.members().size());
    for (const auto& member : dict.members()) members.push_back(&member);
    if (style_.sort_keys) {
      std::stable_sort(members.begin(), members.end(), [this](const auto* a, const auto* b) {
        return less(machine_, a->first, b->first);
      });
    }
    items("{}", members, [this](const auto* member) {
      key(member->first);
      out_.append(style_.key_separator);
      value(member->second);
    });
  }

  Machine& machine_;
  Text& out_;
  const JsonStyle& style_;
  int level_ = 0;
};

}  // namespace

void append_json(Machine& machine, Text& out, const Value& value, const JsonStyle& style) {
  Writer(machine, out, style).value(value);
}

}  // namespace loquor::jinja
