#include "options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <optional>

namespace tool {

namespace {

std::string flag_name(const std::string& option) {
  std::string name = option;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// The text with options that it names written as flags.
std::string with_flags(std::string text, const std::vector<loquor::OptionDescription>& options) {
  for (const auto& option : options) {
    if (option.name.find('_') == std::string::npos) continue;
    for (auto at = text.find(option.name); at != std::string::npos; at = text.find(option.name, at))
      text.replace(at, option.name.size(), "--" + flag_name(option.name));
  }
  return text;
}

std::string help_text(const loquor::OptionDescription& option,
                      const std::vector<loquor::OptionDescription>& options) {
  std::string text = with_flags(option.description, options);
  if (!option.choices.empty()) text += " One of " + CLI::detail::join(option.choices, ", ") + ".";
  return text + " [" + option.default_text + "]";
}

std::string type_text(const std::string& type) {
  if (type == "list of strings") return "TEXT";
  if (type == "list of ids") return "ID";
  if (type == "map of ids to numbers") return "{\"ID\": NUMBER, ...}";
  if (type == "list of lists of ids") return "[[ID, ...], ...]";
  if (type == "map of lists of ids to numbers") return "[[[ID, ...], NUMBER], ...]";
  return type == "string" ? "TEXT" : "NUMBER";
}

template <class Number>
std::optional<Number> whole(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

// Given as JSON on the command line.
bool is_json(const std::string& type) {
  return type.starts_with("map") || type == "list of lists of ids";
}

bool is_handle(const std::string& type) {
  return type == "cancel" || type == "runtime" || type == "model" || type == "function";
}

// What is a number goes on as one; the library says what is wrong with anything else.
Json number_or_text(const std::string& text) {
  if (const auto integer = whole<std::int64_t>(text)) return json(*integer);
  if (const auto number = whole<double>(text); number && std::isfinite(*number))
    return json(*number);
  return json(text);
}

}  // namespace

void OptionFlags::add_to(CLI::App& command, const std::string& group) {
  const auto options = loquor::describe_options(kind_);
  for (const auto& option : options) {
    if (is_handle(option.type)) continue;
    const std::string name = flag_name(option.name);
    Flag& flag = flags_.emplace_back(Flag{option});
    if (flag.option.type == "boolean") {
      command.add_flag("--" + name + "{true},--no-" + name + "{false}", flag.values)
          ->description(help_text(option, options))
          ->group(group);
      continue;
    }
    CLI::Option* added = command.add_option("--" + name, flag.values, help_text(option, options));
    added->type_name(type_text(flag.option.type))->group(group);
    added->allow_extra_args(false);  // with them, CLI11 takes lists in brackets apart
    if (!flag.option.type.starts_with("list") || is_json(flag.option.type))
      added->expected(1)->take_last();
  }
}

std::string OptionFlags::json_of(const Flag& flag) {
  const std::string& type = flag.option.type;
  if (type == "list of strings") return json(flag.values).text;
  if (type == "list of ids") {
    std::vector<Json> ids;
    for (const auto& value : flag.values) ids.push_back(number_or_text(value));
    return json(ids).text;
  }
  const std::string& value = flag.values.back();
  if (type == "boolean" || is_json(type)) return value;
  return type == "string" ? json(value).text : number_or_text(value).text;
}

std::string OptionFlags::given() const {
  JsonObject object;
  for (const Flag& flag : flags_) {
    if (!flag.values.empty()) object.add(flag.option.name, Json{json_of(flag)});
  }
  return object.json().text;
}

}  // namespace tool
