// Filters on texts and single values:
// https://jinja.palletsprojects.com/en/3.1.x/templates/#builtin-filters
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "text/jinja/library.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

Value changed(Machine& machine, std::string_view name, const Value& value,
              const Arguments& arguments, Case wanted) {
  const Bound bound(name, arguments, {});
  return machine.string(to_case(str(machine, value), wanted));
}

Value upper(Machine& machine, const Value& value, const Arguments& arguments) {
  return changed(machine, "upper", value, arguments, Case::upper);
}

Value lower(Machine& machine, const Value& value, const Arguments& arguments) {
  return changed(machine, "lower", value, arguments, Case::lower);
}

Value capitalize(Machine& machine, const Value& value, const Arguments& arguments) {
  return changed(machine, "capitalize", value, arguments, Case::capitalize);
}

Value title(Machine& machine, const Value& value, const Arguments& arguments) {
  return changed(machine, "title", value, arguments, Case::title);
}

Value trim(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("trim", arguments, {"chars"});
  const Text text = str(machine, value);
  return machine.string(stripped(machine, text, bound[0], Side::both));
}

Value string(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("string", arguments, {});
  return value.text() ? value : machine.string(str(machine, value));
}

Value safe(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("safe", arguments, {});
  return machine.string(str(machine, value), true);
}

Value default_value(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("default", arguments, {"default_value", "boolean"});
  const bool missing = value.is_undefined() || (bound[1] && truth(*bound[1]) && !truth(value));
  if (!missing) return value;
  return bound[0] ? *bound[0] : machine.string({});
}

Value replace(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
  const std::int64_t limit =
      bound[2] && !bound[2]->is_none() ? require_index(*bound[2], "replace(): count") : -1;
  const Text text = str(machine, value);
  const Text old = str(machine, *bound[0]);
  machine.step_for_search(text.size(), old.size());
  return machine.string(jinja::replace(text, old.view(), str(machine, *bound[1]), limit));
}

Value indent(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("indent", arguments, {"width", "first", "blank"});
  Text by(std::string(4, ' '), true);
  if (bound[0] && bound[0]->text()) {
    by = *bound[0]->text();
  } else if (bound[0]) {
    const std::int64_t width = require_index(*bound[0], "indent(): width");
    if (width > 1000) fail(Code::unsupported, "indent() by more than 1000 characters");
    by = Text(std::string(static_cast<std::size_t>(std::max<std::int64_t>(width, 0)), ' '), true);
  }
  const bool first = bound[1] && truth(*bound[1]);
  const bool blank = bound[2] && truth(*bound[2]);
  Text whole = require_text(value, "indent()");
  whole.append("\n", true);
  const std::vector<Text> lines = split_lines(whole);
  Text out;
  if (first) out.append(by);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      out.append("\n", true);
      if (blank || lines[i].size() != 0) out.append(by);
    }
    out.append(lines[i]);
  }
  return machine.string(std::move(out));
}

// The digits of a number in a string as Python's int() and float() take them: white space around,
// '_' between digits.
std::string number_text(const Text& text) {
  const Text stripped = strip(text, std::nullopt, Side::both);
  const std::string_view view = stripped.view();
  const auto digit = [&](std::size_t at) {
    return at < view.size() && view[at] >= '0' && view[at] <= '9';
  };
  std::string out;
  for (std::size_t at = 0; at < view.size(); ++at) {
    if (view[at] == '_' && at > 0 && digit(at - 1) && digit(at + 1)) continue;
    if (view[at] == '+' && at == 0 && view.size() > 1 && view[1] != '-' && view[1] != '+') continue;
    out += view[at];
  }
  return out;
}

template <class Number>
std::optional<Number> parse(const Text& text) {
  const std::string digits = number_text(text);
  Number number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

Value truncated(double number) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!(number >= -kLimit && number < kLimit))
    fail(Code::unsupported, "int(): ", repr(number), " has no int of 64 bits");
  return static_cast<std::int64_t>(number);
}

Value to_int(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("int", arguments, {"default", "base"});
  if (bound[1] && require_index(*bound[1], "int(): base") != 10)
    fail(Code::unsupported, "int() with a base other than 10");
  if (value.undefined()) fail(Code::invalid_argument, *value.undefined()->why);
  std::int64_t index = 0;
  if (value.as_index(index)) return index;
  if (value.number()) return truncated(*value.number());
  if (const Text* text = value.text()) {
    if (const auto whole = parse<std::int64_t>(*text)) return *whole;
    if (const auto number = parse<double>(*text)) return truncated(*number);
  }
  return bound[0] ? *bound[0] : Value(std::int64_t{0});
}

Value to_float(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("float", arguments, {"default"});
  if (value.undefined()) fail(Code::invalid_argument, *value.undefined()->why);
  if (value.is_number()) return value.as_double();
  if (const Text* text = value.text()) {
    if (const auto number = parse<double>(*text)) return *number;
  }
  return bound[0] ? *bound[0] : Value(0.0);
}

Value absolute(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("abs", arguments, {});
  if (const double* number = value.number()) return std::fabs(*number);
  return value.is_number() && value.as_double() >= 0 ? negative(negative(value)) : negative(value);
}

Value tojson(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.ensure_ascii = bound[0] && truth(*bound[0]);
  style.sort_keys = bound[3] && truth(*bound[3]);
  if (bound[1] && bound[1]->text()) {
    style.indent = *bound[1]->text();
  } else if (bound[1] && !bound[1]->is_none()) {
    const std::int64_t width = require_index(*bound[1], "tojson(): indent");
    if (width > 1000) fail(Code::unsupported, "tojson() with an indent of more than 1000");
    style.indent =
        Text(std::string(static_cast<std::size_t>(std::max<std::int64_t>(width, 0)), ' '), false);
  }
  style.item_separator = Text(style.indent ? "," : ", ", false);
  style.key_separator = Text(": ", false);
  if (bound[2] && !bound[2]->is_none()) {
    const auto separators = iterate(machine, *bound[2]);
    if (separators.size() != 2)
      fail(Code::invalid_argument, "tojson(): separators must be two strings");
    style.item_separator = require_text(separators[0], "tojson(): a separator");
    style.key_separator = require_text(separators[1], "tojson(): a separator");
  }
  Text out;
  append_json(machine, out, value, style);
  return machine.string(std::move(out));
}

// Not of transformers, but of templates written for other engines too, in branches that see text
// where JSON is meant.
Value from_json_text(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("from_json", arguments, {});
  const Text& text = require_text(value, "from_json");
  machine.step(text.size());
  return from_json(Json::parse(text.view()), false);
}

constexpr Named<Function> kFilters[] = {
    {"abs", absolute},    {"capitalize", capitalize},
    {"d", default_value}, {"default", default_value},
    {"float", to_float},  {"from_json", from_json_text},
    {"indent", indent},   {"int", to_int},
    {"lower", lower},     {"replace", replace},
    {"safe", safe},       {"string", string},
    {"title", title},     {"tojson", tojson},
    {"trim", trim},       {"upper", upper},
};

}  // namespace

Function find_filter(std::string_view name) {
  const Function found = find(kFilters, name);
  return found ? found : find_sequence_filter(name);
}

}  // namespace loquor::jinja
