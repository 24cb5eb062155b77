#include "base/option_table.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/option_types.h"

namespace loquor::detail {

namespace {

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
void put_handle(const Option& option, void* options, Handle handle, std::string_view found) {
  const auto* reach = std::get_if<Reach<Handle>>(&option.member);
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
void set_handle(const Option& option, void* options, std::shared_ptr<const Model> model) {
  put_handle(option, options, std::move(model), "a Model");
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
