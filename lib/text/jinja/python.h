// What Python does with values: truth, order, arithmetic, members, str, repr and json.dumps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "text/jinja/strings.h"
#include "text/jinja/value.h"

namespace loquor::jinja {

bool truth(const Value& value) noexcept;
bool equal(Machine& machine, const Value& a, const Value& b);
bool less(Machine& machine, const Value& a, const Value& b);
bool less_or_equal(Machine& machine, const Value& a, const Value& b);
/// Python's `item in container`.
bool contains(Machine& machine, const Value& container, const Value& item);
/// Whether the value can be a key, as lists and dicts cannot.
bool is_hashable(Machine& machine, const Value& key);
void require_hashable(Machine& machine, const Value& key);

enum class Operator : std::uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };
Value arithmetic(Machine& machine, Operator op, const Value& a, const Value& b);
Value negative(const Value& value);

/// Items that stay alive while they are gone through.
class Items {
 public:
  explicit Items(Value::SequencePtr sequence) : sequence_(std::move(sequence)) {}
  auto begin() const noexcept { return sequence_->items.begin(); }
  auto end() const noexcept { return sequence_->items.end(); }
  std::size_t size() const noexcept { return sequence_->items.size(); }
  const Value& operator[](std::size_t index) const noexcept { return sequence_->items[index]; }
  const Value::SequencePtr& sequence() const noexcept { return sequence_; }

 private:
  Value::SequencePtr sequence_;
};
/// The items that a `for` would go through; a generator is used up.
Items iterate(Machine& machine, const Value& value);
bool is_iterable(const Value& value) noexcept;
std::int64_t length(Machine& machine, const Value& value);
/// `object.name` and `object[key]`, as Jinja looks them up: undefined where there is none.
Value attribute(Machine& machine, const Value& object, std::string_view name);
Value item(Machine& machine, const Value& object, const Value& key);
/// `object[start:stop:step]`; undefined parts are those not written.
struct SliceParts {
  std::optional<Value> start, stop, step;
};
Value slice(Machine& machine, const Value& object, const SliceParts& parts);

/// Appends str(value), or repr(value).
void append_str(Machine& machine, Text& out, const Value& value);
void append_repr(Machine& machine, Text& out, const Value& value);
/// str(value) as a text.
Text str(Machine& machine, const Value& value);
/// repr() of a float.
std::string repr(double value);

/// strip() by an argument that may be missing or none.
Text stripped(Machine& machine, const Text& text, const Value* characters, Side side);

struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<Text> indent;  ///< One level of it; nothing: all on one line.
  Text item_separator;
  Text key_separator;
};
/// Appends json.dumps(value).
void append_json(Machine& machine, Text& out, const Value& value, const JsonStyle& style);

/// The value as Python's int; throws Error(invalid_argument) naming `what` for anything else.
std::int64_t require_index(const Value& value, std::string_view what);
/// The value's text; throws Error(invalid_argument) naming `what` for anything but a string.
const Text& require_text(const Value& value, std::string_view what);

}  // namespace loquor::jinja
