#include "base/option_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/utf8.h"

namespace loquor::detail {

namespace {

std::string range_text(std::string_view noun, const Range& range) {
  if (!std::isfinite(range.low)) return std::string(noun);
  if (std::isfinite(range.high)) return text(noun, " from ", range.low, " to ", range.high);
  return text(noun, range.above_low ? " above " : " of at least ", range.low);
}

bool within_range(double value, const Range& range) {
  return std::isfinite(value) && value <= range.high &&
         (range.above_low ? value > range.low : value >= range.low);
}

Json::Array choice_list(std::string_view choices) {
  Json::Array list;
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    list.emplace_back(choices.substr(0, end));
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return list;
}

// A number without a fraction counts: Python and JSON writers give 10.0 for 10.
std::optional<std::int64_t> integer(const Json& value) {
  if (value.is_integer()) return value.as_integer();
  if (!value.is_number()) return {};
  const double number = value.as_number();
  if (number != std::trunc(number) || std::abs(number) >= 0x1p63) return {};
  return static_cast<std::int64_t>(number);
}

// Type<T> knows one type of member: its name, what a message says was expected, how a value is read
// from JSON (nothing where it is of another kind), which values are valid, and how one is written.
template <class Value>
struct Type;

template <>
struct Type<bool> {
  static constexpr std::string_view kName = "boolean";
  static std::string expected(const Option&) { return "true or false"; }
  static std::optional<bool> read(const Json& value, const Option&) {
    if (value.is_bool()) return value.as_bool();
    if (value == Json(0) || value == Json(1)) return value == Json(1);
    return {};
  }
  static bool valid(bool, const Option&) { return true; }
  static Json write(bool value) { return value; }
};

template <>
struct Type<std::int64_t> {
  static constexpr std::string_view kName = "integer";
  static std::string expected(const Option& option) {
    return range_text("an integer", option.range);
  }
  static std::optional<std::int64_t> read(const Json& value, const Option&) {
    return integer(value);
  }
  static bool valid(std::int64_t value, const Option& option) {
    return within_range(static_cast<double>(value), option.range);
  }
  static Json write(std::int64_t value) { return value; }
};

template <>
struct Type<int> : Type<std::int64_t> {
  static std::optional<int> read(const Json& value, const Option&) {
    const auto read = integer(value);
    if (!read || !std::in_range<int>(*read)) return {};
    return static_cast<int>(*read);
  }
};

// Seeds: only what a signed integer holds, since C's int64_t, Java's long and JSON carry no more.
template <>
struct Type<std::uint64_t> : Type<std::int64_t> {
  static constexpr auto kMaximum = std::numeric_limits<std::int64_t>::max();
  static std::string expected(const Option&) { return text("an integer from 0 to ", kMaximum); }
  static std::optional<std::uint64_t> read(const Json& value, const Option&) {
    const auto read = integer(value);
    if (!read || *read < 0) return {};
    return static_cast<std::uint64_t>(*read);
  }
  static bool valid(std::uint64_t value, const Option&) {
    return std::in_range<std::int64_t>(value);
  }
  static Json write(std::uint64_t value) {
    return valid(value, {}) ? Json(static_cast<std::int64_t>(value))
                            : Json(static_cast<double>(value));
  }
};

template <>
struct Type<double> {
  static constexpr std::string_view kName = "number";
  static std::string expected(const Option& option) { return range_text("a number", option.range); }
  static std::optional<double> read(const Json& value, const Option&) {
    if (value.is_number()) return value.as_number();
    return {};
  }
  static bool valid(double value, const Option& option) {
    return within_range(value, option.range);
  }
  static Json write(double value) { return value; }
};

template <>
struct Type<std::string> {
  static constexpr std::string_view kName = "string";
  static std::string expected(const Option& option) {
    if (option.holds != Json::Kind::null) return text("JSON with ", name(option.holds));
    if (option.choices.empty()) return "a string of valid UTF-8";
    return text("one of ", Json(choice_list(option.choices)).dump());
  }
  static std::optional<std::string> read(const Json& value, const Option& option) {
    if (value.is_string()) return value.as_string();
    if (option.holds != Json::Kind::null && value.kind() == option.holds) return value.dump();
    return {};
  }
  static bool valid(const std::string& value, const Option& option) {
    if (!is_utf8(value)) return false;
    if (option.holds != Json::Kind::null && !value.empty()) return holds(option, value);
    const auto choices = choice_list(option.choices);
    return choices.empty() || std::ranges::count(choices, Json(value)) != 0;
  }
  static bool holds(const Option& option, const std::string& value) {
    try {
      return Json::parse(value).kind() == option.holds;
    } catch (const Error& error) {
      fail(Code::invalid_argument, "option ", option.name, ": ", std::string_view(error.what()));
    }
  }
  static Json write(const std::string& value) { return value; }
};

template <>
struct Type<std::vector<std::string>> {
  static constexpr std::string_view kName = "list of strings";
  static std::string expected(const Option&) {
    return "a string or a list of strings of valid UTF-8, none of them empty";
  }
  static std::optional<std::vector<std::string>> read(const Json& value, const Option&) {
    if (value.is_string()) return std::vector{value.as_string()};
    if (!value.is_array()) return {};
    std::vector<std::string> list;
    for (const auto& element : value.as_array()) {
      if (!element.is_string()) return {};
      list.push_back(element.as_string());
    }
    return list;
  }
  static bool valid(const std::vector<std::string>& value, const Option&) {
    return std::ranges::all_of(value, [](const auto& s) { return !s.empty() && is_utf8(s); });
  }
  static Json write(const std::vector<std::string>& value) {
    return Json::Array(value.begin(), value.end());
  }
};

std::optional<std::int32_t> token_id(const Json& value) {
  const auto id = integer(value);
  if (!id || !std::in_range<std::int32_t>(*id)) return {};
  return static_cast<std::int32_t>(*id);
}

template <>
struct Type<std::vector<std::int32_t>> {
  static constexpr std::string_view kName = "list of ids";
  static std::string expected(const Option&) { return "a token id or a list of token ids"; }
  static std::optional<std::vector<std::int32_t>> read(const Json& value, const Option&) {
    if (const auto id = token_id(value)) return std::vector{*id};
    if (!value.is_array()) return {};
    std::vector<std::int32_t> list;
    for (const auto& element : value.as_array()) {
      const auto id = token_id(element);
      if (!id) return {};
      list.push_back(*id);
    }
    return list;
  }
  static bool valid(const std::vector<std::int32_t>& value, const Option&) {
    return std::ranges::all_of(value, [](auto id) { return id >= 0; });
  }
  static Json write(const std::vector<std::int32_t>& value) {
    return Json::Array(value.begin(), value.end());
  }
};

// Minus infinity bans a token; JSON, which has no infinity, says "-inf".
template <>
struct Type<std::map<std::int32_t, double>> {
  using Map = std::map<std::int32_t, double>;
  static constexpr std::string_view kName = "map of ids to numbers";
  static std::string expected(const Option&) {
    return "an object like {\"42\": -1.5}, or a list of pairs of a token id and a number";
  }
  static bool add(Map& map, std::optional<std::int32_t> id, const Json& value) {
    const bool ban = value == Json("-inf");
    if (!id || !(ban || value.is_number())) return false;
    return map.emplace(*id, ban ? -std::numeric_limits<double>::infinity() : value.as_number())
        .second;
  }
  static std::optional<Map> read(const Json& value, const Option&) {
    Map map;
    if (value.is_object()) {
      for (const auto& [key, bias] : value.as_object()) {
        std::int32_t id = 0;
        const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
        if (error != std::errc() || end != key.data() + key.size() || !add(map, id, bias))
          return {};
      }
    } else if (value.is_array()) {
      for (const auto& pair : value.as_array()) {
        if (pair.size() != 2 || !pair.is_array()) return {};
        if (!add(map, token_id(pair.as_array()[0]), pair.as_array()[1])) return {};
      }
    } else {
      return {};
    }
    return map;
  }
  static bool valid(const Map& value, const Option&) {
    return std::ranges::all_of(value, [](const auto& entry) {
      return entry.first >= 0 && entry.second < std::numeric_limits<double>::infinity();
    });
  }
  static Json write(const Map& value) {
    auto object = Json::object();
    for (const auto& [id, bias] : value)
      object[text(id)] = std::isinf(bias) ? Json("-inf") : Json(bias);
    return object;
  }
};

template <class Handle>
struct HandleType {
  static std::optional<Handle> read(const Json&, const Option&) { return {}; }
  static bool valid(const Handle&, const Option&) { return true; }
  static Json write(const Handle&) { return nullptr; }
};
template <>
struct Type<Cancel> : HandleType<Cancel> {
  static constexpr std::string_view kName = "cancel";
  static std::string expected(const Option&) { return "a Cancel"; }
};
template <>
struct Type<Runtime> : HandleType<Runtime> {
  static constexpr std::string_view kName = "runtime";
  static std::string expected(const Option&) { return "a Runtime"; }
};

template <class Value>
struct Type<std::optional<Value>> : Type<Value> {
  static bool valid(const std::optional<Value>& value, const Option& option) {
    return !value || Type<Value>::valid(*value, option);
  }
  static Json write(const std::optional<Value>& value) {
    return value ? Type<Value>::write(*value) : Json();
  }
};

// Calls visitor(Type<T>(), reach) for the option's type.
template <class Visitor>
decltype(auto) visit(const Option& option, Visitor&& visitor) {
  return std::visit(
      [&]<class Value>(Reach<Value> reach) -> decltype(auto) {
        return visitor(Type<Value>(), reach);
      },
      option.member);
}

std::string found_text(const Json& value) {
  if (value.is_string()) return quoted(value.as_string());
  if (value.is_array() || value.is_object()) {
    const auto dumped = value.dump();
    return dumped.size() <= 60 ? dumped : std::string(name(value.kind()));
  }
  if (value.is_number() && !std::isfinite(value.as_number())) return text(value.as_number());
  return value.dump();
}

[[noreturn]] void fail_value(const Option& option, const std::string& found,
                             const std::string& expected) {
  fail(Code::invalid_argument, "option ", option.name, ": found ", found, ", expected ", expected);
}

template <class Handle>
void put_handle(const Option& option, void* options, std::optional<Handle> handle,
                std::string_view found) {
  const auto* reach = std::get_if<Reach<std::optional<Handle>>>(&option.member);
  if (!reach)
    visit(option,
          [&](auto type, auto) { fail_value(option, std::string(found), type.expected(option)); });
  (*reach)(options) = std::move(handle);
}

}  // namespace

const Option* find_option(std::span<const Option> table, std::string_view name) noexcept {
  const auto found = std::ranges::find(table, name, &Option::name);
  return found == table.end() ? nullptr : &*found;
}

const Option& known_option(std::span<const Option> table, std::string_view kind,
                           std::string_view name) {
  if (const auto* option = find_option(table, name)) return *option;
  std::string known;
  for (const auto& option : table) known += text(known.empty() ? "" : ", ", option.name);
  fail(Code::invalid_argument, "unknown ", kind, " option ", quoted(name), "; known are: ", known);
}

void set_option(const Option& option, void* options, void* defaults, const Json& value) {
  visit(option, [&](auto type, auto reach) {
    if (value.is_null()) {
      reach(options) = reach(defaults);
      return;
    }
    auto read = type.read(value, option);
    if (!read || !type.valid(*read, option))
      fail_value(option, found_text(value), type.expected(option));
    reach(options) = std::move(*read);
  });
}

void set_handle(const Option& option, void* options, std::optional<Cancel> cancel) {
  put_handle(option, options, std::move(cancel), "a Cancel");
}
void set_handle(const Option& option, void* options, std::optional<Runtime> runtime) {
  put_handle(option, options, std::move(runtime), "a Runtime");
}

void check_options(std::span<const Option> table, void* options) {
  for (const auto& option : table) {
    visit(option, [&](auto type, auto reach) {
      const auto& value = reach(options);
      if (!type.valid(value, option))
        fail_value(option, found_text(type.write(value)), type.expected(option));
    });
  }
}

Json options_json(std::span<const Option> table, void* options, void* defaults) {
  auto object = Json::object();
  for (const auto& option : table) {
    visit(option, [&](auto type, auto reach) {
      auto value = type.write(reach(options));
      if (value != type.write(reach(defaults))) object[option.name] = std::move(value);
    });
  }
  return object;
}

Json describe_options(std::span<const Option> table) {
  auto list = Json::array();
  for (const auto& option : table) {
    auto entry = Json::object();
    entry["name"] = option.name;
    visit(option, [&](auto type, auto) { entry["type"] = type.kName; });
    const auto& [low, high, above_low] = option.range;
    if (std::isfinite(low)) entry[above_low ? "exclusive_minimum" : "minimum"] = low;
    if (std::isfinite(high)) entry["maximum"] = high;
    if (!option.choices.empty()) entry["choices"] = choice_list(option.choices);
    entry["default"] = option.default_text;
    entry["description"] = option.description;
    list.push_back(std::move(entry));
  }
  return list;
}

const Json::Object& option_object(const Json& value, std::string_view kind) {
  if (!value.is_object())
    fail(Code::invalid_argument, kind, " options: found ", name(value.kind()),
         ", expected an object");
  return value.as_object();
}

}  // namespace loquor::detail
