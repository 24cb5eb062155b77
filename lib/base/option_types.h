// What each type of option may be, and how JSON says it. Seen by option_table.cpp alone.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/option_table.h"
#include "base/utf8.h"

namespace loquor::detail {

inline std::string range_text(std::string_view noun, const Range& range) {
  if (!std::isfinite(range.low)) return std::string(noun);
  if (std::isfinite(range.high)) return text(noun, " from ", range.low, " to ", range.high);
  return text(noun, range.above_low ? " above " : " of at least ", range.low);
}

inline bool within_range(double value, const Range& range) {
  return std::isfinite(value) && value <= range.high &&
         (range.above_low ? value > range.low : value >= range.low);
}

inline Json::Array choice_list(std::string_view choices) {
  Json::Array list;
  while (!choices.empty()) {
    const auto end = std::min(choices.find('|'), choices.size());
    list.emplace_back(choices.substr(0, end));
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return list;
}

// A number without a fraction counts: Python and JSON writers give 10.0 for 10.
inline std::optional<std::int64_t> integer(const Json& value) {
  if (value.is_integer()) return value.as_integer();
  if (!value.is_number()) return {};
  const double number = value.as_number();
  if (number != std::trunc(number) || std::abs(number) >= 0x1p63) return {};
  return static_cast<std::int64_t>(number);
}

/// Type<T> knows one type of member: its name, what a message says was expected, how a value is
/// read from JSON (nothing where it is of another kind), which values are valid, and how one is
/// written.
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
    if (value.is_bool() && !option.choices.empty()) return value.dump();
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

inline std::optional<std::int32_t> token_id(const Json& value) {
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

template <>
struct Type<std::vector<std::vector<std::int32_t>>> {
  using Lists = std::vector<std::vector<std::int32_t>>;
  static constexpr std::string_view kName = "list of lists of ids";
  static std::string expected(const Option&) {
    return "a list of lists of token ids, none of them empty";
  }
  static std::optional<Lists> read(const Json& value, const Option& option) {
    if (!value.is_array()) return {};
    Lists lists;
    for (const auto& element : value.as_array()) {
      auto list = Type<std::vector<std::int32_t>>::read(element, option);
      if (!list || !element.is_array()) return {};
      lists.push_back(std::move(*list));
    }
    return lists;
  }
  static bool valid(const Lists& value, const Option& option) {
    return std::ranges::all_of(value, [&](const auto& list) {
      return !list.empty() && Type<std::vector<std::int32_t>>::valid(list, option);
    });
  }
  static Json write(const Lists& value) {
    auto lists = Json::array();
    for (const auto& list : value) lists.push_back(Type<std::vector<std::int32_t>>::write(list));
    return lists;
  }
};

// Minus infinity bans a token; JSON, which has no infinity, says "-inf".
inline std::optional<double> bias_value(const Json& value) {
  if (value == Json("-inf")) return -std::numeric_limits<double>::infinity();
  if (value.is_number()) return value.as_number();
  return {};
}

inline Json bias_json(double bias) { return std::isinf(bias) ? Json("-inf") : Json(bias); }

template <class Key>
bool add_bias(std::map<Key, double>& map, std::optional<Key> key, const Json& value) {
  const auto bias = bias_value(value);
  return key && bias && map.emplace(std::move(*key), *bias).second;
}

// A list of pairs of a key and a number.
template <class Key, class ReadKey>
bool add_biases(std::map<Key, double>& map, const Json::Array& pairs, ReadKey&& read_key) {
  return std::ranges::all_of(pairs, [&](const Json& pair) {
    return pair.is_array() && pair.size() == 2 &&
           add_bias(map, read_key(pair.as_array()[0]), pair.as_array()[1]);
  });
}

template <>
struct Type<std::map<std::int32_t, double>> {
  using Map = std::map<std::int32_t, double>;
  static constexpr std::string_view kName = "map of ids to numbers";
  static std::string expected(const Option&) {
    return "an object like {\"42\": -1.5}, or a list of pairs of a token id and a number";
  }
  static std::optional<std::int32_t> key_id(const std::string& key) {
    std::int32_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size()) return {};
    return id;
  }
  static std::optional<Map> read(const Json& value, const Option&) {
    Map map;
    if (value.is_object()) {
      for (const auto& [key, bias] : value.as_object()) {
        if (!add_bias(map, key_id(key), bias)) return {};
      }
      return map;
    }
    if (!value.is_array() || !add_biases(map, value.as_array(), token_id)) return {};
    return map;
  }
  static bool valid(const Map& value, const Option&) {
    return std::ranges::all_of(value, [](const auto& entry) {
      return entry.first >= 0 && entry.second < std::numeric_limits<double>::infinity();
    });
  }
  static Json write(const Map& value) {
    auto object = Json::object();
    for (const auto& [id, bias] : value) object[text(id)] = bias_json(bias);
    return object;
  }
};

template <>
struct Type<std::map<std::vector<std::int32_t>, double>> {
  using Ids = std::vector<std::int32_t>;
  using Map = std::map<Ids, double>;
  static constexpr std::string_view kName = "map of lists of ids to numbers";
  static std::string expected(const Option&) {
    return "a list like [[[42, 7], -1.5]], of pairs of a list of token ids and a number";
  }
  static std::optional<Map> read(const Json& value, const Option& option) {
    Map map;
    const auto ids = [&](const Json& key) { return Type<Ids>::read(key, option); };
    if (!value.is_array() || !add_biases(map, value.as_array(), ids)) return {};
    return map;
  }
  static bool valid(const Map& value, const Option& option) {
    return std::ranges::all_of(value, [&](const auto& entry) {
      return !entry.first.empty() && Type<Ids>::valid(entry.first, option) &&
             entry.second < std::numeric_limits<double>::infinity();
    });
  }
  static Json write(const Map& value) {
    auto pairs = Json::array();
    for (const auto& [ids, bias] : value)
      pairs.push_back(Json::Array{Type<Ids>::write(ids), bias_json(bias)});
    return pairs;
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
template <>
struct Type<std::shared_ptr<const Model>> : HandleType<std::shared_ptr<const Model>> {
  static constexpr std::string_view kName = "model";
  static std::string expected(const Option&) { return "a Model"; }
};
template <>
struct Type<PrefixAllowedTokens> : HandleType<PrefixAllowedTokens> {
  static constexpr std::string_view kName = "function";
  static std::string expected(const Option&) {
    return "a function of the ids so far that gives those that may follow";
  }
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

}  // namespace loquor::detail
