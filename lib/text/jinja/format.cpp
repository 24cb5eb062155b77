// Python's str() and repr() of values. Punctuation that they add is nobody's text: not the
// template's.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

using Flavor = Sequence::Flavor;

// What str() gives for everything but strings and containers; empty for those.
std::string scalar(const Value& value) {
  if (value.is_none()) return "None";
  if (const bool* boolean = value.boolean()) return *boolean ? "True" : "False";
  if (const std::int64_t* integer = value.integer()) return std::to_string(*integer);
  if (const double* number = value.number()) return repr(*number);
  return {};
}

void append_items(Machine& machine, Text& out, const Sequence& list) {
  static constexpr std::array<std::array<std::string_view, 2>, 6> kBrackets{
      {{"[", "]"},
       {"(", ")"},
       {},
       {"dict_keys([", "])"},
       {"dict_values([", "])"},
       {"dict_items([", "])"}}};
  if (list.flavor == Flavor::range || list.flavor == Flavor::generator) {
    fail(Code::unsupported, "printing a range or generator; pipe it through `list`");
  }
  const auto& brackets = kBrackets[static_cast<std::size_t>(list.flavor)];
  out.append(brackets[0], false);
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) out.append(", ", false);
    append_repr(machine, out, list.items[i]);
  }
  if (list.flavor == Flavor::tuple && list.items.size() == 1) out.append(",", false);
  out.append(brackets[1], false);
}

void append_members(Machine& machine, Text& out, const Dictionary& dict) {
  out.append("{", false);
  bool first = true;
  for (const auto& [key, value] : dict.members()) {
    if (!first) out.append(", ", false);
    first = false;
    append_repr(machine, out, key);
    out.append(": ", false);
    append_repr(machine, out, value);
  }
  out.append("}", false);
}

}  // namespace

std::string repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // The shortest digits that read back as the same number: d.ddde+xx.
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view written(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = written.find('e');
  int exponent = 0;
  const std::size_t digits_of_exponent = written[e + 1] == '+' ? e + 2 : e + 1;
  std::from_chars(written.data() + digits_of_exponent, end, exponent);
  std::string digits;
  for (const char c : written.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  const std::string sign = written[0] == '-' ? "-" : "";
  if (exponent < -4 || exponent >= 16) {
    const std::string fraction = digits.size() > 1 ? "." + digits.substr(1) : "";
    const std::string power = std::to_string(std::abs(exponent));
    return sign + digits[0] + fraction + "e" + (exponent < 0 ? "-" : "+") +
           (power.size() < 2 ? "0" : "") + power;
  }
  if (exponent < 0)
    return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

void append_repr(Machine& machine, Text& out, const Value& value) {
  machine.step();
  if (const Text* text = value.text()) {
    if (value.is_markup()) fail(Code::unsupported, "repr() of a text marked as safe");
    machine.step(text->size() / 64);
    out.append(repr(*text));
  } else if (value.is_undefined()) {
    out.append("Undefined", false);
  } else if (const Sequence* list = value.sequence()) {
    append_items(machine, out, *list);
  } else if (const Dictionary* dict = value.dictionary()) {
    append_members(machine, out, *dict);
  } else if (const std::string plain = scalar(value); !plain.empty()) {
    out.append(plain, false);
  } else {
    fail(Code::unsupported, "printing a ", value.type());
  }
}

void append_str(Machine& machine, Text& out, const Value& value) {
  if (const Text* text = value.text()) {
    machine.step(text->size() / 256);
    out.append(*text);
  } else if (value.is_number()) {
    // Digits cannot spell the name of a token by themselves, but complete one that the template
    // spells.
    out.append(scalar(value), true);
  } else if (!value.is_undefined()) {
    append_repr(machine, out, value);
  }
}

Text str(Machine& machine, const Value& value) {
  Text out;
  append_str(machine, out, value);
  return out;
}

Text stripped(Machine& machine, const Text& text, const Value* characters, Side side) {
  if (!characters || characters->is_none()) return strip(text, std::nullopt, side);
  const std::string_view set = require_text(*characters, "the characters to strip").view();
  machine.step_for_search(text.size(), 16 * set.size());
  return strip(text, set, side);
}

}  // namespace loquor::jinja
