// Options declared once: name, member, range, default and text stand in one table a struct, from
// which the setters of every surface, JSON and the documentation derive.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "loquor/options.hpp"

namespace loquor {

/// Reaches one member of an options struct that is given as void*.
template <class Value>
using Reach = Value& (*)(void* options);
using OptionMember =
    std::variant<Reach<bool>, Reach<int>, Reach<std::int64_t>, Reach<std::string>,
                 Reach<std::vector<std::string>>, Reach<std::map<std::int32_t, double>>,
                 Reach<std::optional<bool>>, Reach<std::optional<std::int64_t>>,
                 Reach<std::optional<std::uint64_t>>, Reach<std::optional<double>>,
                 Reach<std::optional<std::string>>, Reach<std::optional<std::vector<std::int32_t>>>,
                 Reach<std::vector<std::vector<std::int32_t>>>,
                 Reach<std::map<std::vector<std::int32_t>, double>>, Reach<std::optional<Cancel>>,
                 Reach<std::optional<Runtime>>, Reach<std::shared_ptr<const Model>>,
                 Reach<PrefixAllowedTokens>>;

template <class Struct, class Value>
Struct struct_of(Value Struct::*);

/// member<&A::b, &B::c>() reaches a.b.c of an A.
template <auto First, auto... Rest>
constexpr OptionMember member() {
  using Struct = decltype(struct_of(First));
  using Value = std::remove_reference_t<decltype(((std::declval<Struct&>().*First).*....*Rest))>;
  return Reach<Value>(
      [](void* options) -> Value& { return ((static_cast<Struct*>(options)->*First).*....*Rest); });
}

/// What a number may be: from low to high, low itself left out where `above_low`.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;
};
constexpr Range at_least(double low) { return {.low = low}; }
constexpr Range above(double low) { return {.low = low, .above_low = true}; }
constexpr Range between(double low, double high) { return {.low = low, .high = high}; }

struct Option {
  std::string_view name;
  OptionMember member;
  std::string_view default_text;  ///< What holds where it is not set.
  std::string_view description;   ///< One line.
  Range range{};
  std::string_view choices{};           ///< What text may be, with | between; anything where empty.
                                        ///< Truth values count as "true" and "false".
  Json::Kind holds = Json::Kind::null;  ///< Text that holds JSON: an array or an object.
};

namespace detail {
const Option* find_option(std::span<const Option> table, std::string_view name) noexcept;
/// Every call below throws Error(invalid_argument): one line with the option, what was found and
/// what was expected.
const Option& known_option(std::span<const Option> table, std::string_view kind,
                           std::string_view name);
void set_option(const Option& option, void* options, void* defaults, const Json& value);
void set_handle(const Option& option, void* options, std::optional<Cancel> cancel);
void set_handle(const Option& option, void* options, std::optional<Runtime> runtime);
void set_handle(const Option& option, void* options, std::shared_ptr<const Model> model);
void check_options(std::span<const Option> table, void* options);
Json options_json(std::span<const Option> table, void* options, void* defaults);
Json describe_options(std::span<const Option> table);
}  // namespace detail

/// The options of one struct. Copies refer to the same table, which is static.
template <class Struct>
class OptionTable {
 public:
  constexpr OptionTable(std::string_view kind, std::span<const Option> options)
      : kind_(kind), options_(options) {}

  std::string_view kind() const noexcept { return kind_; }
  std::span<const Option> options() const noexcept { return options_; }
  bool contains(std::string_view name) const noexcept {
    return detail::find_option(options_, name) != nullptr;
  }

  /// Sets one option; null goes back to the default. Integers 0 and 1 are truth values; a single
  /// value stands for a list of one.
  void set(Struct& target, std::string_view name, const Json& value) const {
    Struct defaults;
    detail::set_option(detail::known_option(options_, kind_, name), &target, &defaults, value);
  }
  /// Sets every member of a JSON object, or none where one is wrong.
  void set_all(Struct& target, const Json& object) const;
  /// Sets an option of type "cancel", "runtime" or "model"; nothing unsets it.
  template <class Handle>
  void set_handle(Struct& target, std::string_view name, Handle handle) const {
    detail::set_handle(detail::known_option(options_, kind_, name), &target, std::move(handle));
  }
  /// Checks a struct that was filled by hand.
  void validate(const Struct& options) const {
    detail::check_options(options_, const_cast<Struct*>(&options));
  }
  /// The values that differ from the defaults, as set_all() takes them; handles are left out.
  Json to_json(const Struct& options) const {
    Struct defaults;
    return detail::options_json(options_, const_cast<Struct*>(&options), &defaults);
  }
  /// The table as an array of objects: name, type, range, choices, default, description.
  Json describe() const { return detail::describe_options(options_); }

 private:
  std::string_view kind_;
  std::span<const Option> options_;
};

namespace detail {
/// The members of the object; throws Error(invalid_argument) for anything else.
const Json::Object& option_object(const Json& value, std::string_view kind);
}  // namespace detail

template <class Struct>
void OptionTable<Struct>::set_all(Struct& target, const Json& object) const {
  Struct changed = target;
  for (const auto& [name, value] : detail::option_object(object, kind_)) set(changed, name, value);
  target = std::move(changed);
}

}  // namespace loquor
