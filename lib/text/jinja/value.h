// The values of a template: Python's, as far as chat templates meet them, and the limits of one
// render.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "text/jinja/text.h"

namespace loquor::jinja {

class Machine;
class Value;
struct Arguments;

/// A name or member that is not there: prints as nothing, is false, and fails when anything else is
/// asked of it.
struct Undefined {
  std::shared_ptr<const std::string> why;
};
struct None {};

/// Bytes that a render holds; given back to its Machine when the holder goes.
class Charge {
 public:
  Charge(Machine* machine, std::size_t bytes);
  ~Charge();
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  void grow(std::size_t bytes);

 private:
  Machine* machine_;
  std::size_t bytes_ = 0;
};

struct String {
  Text text;
  bool markup;  ///< From the filter `safe`: `+` escapes what it joins to it.
  Charge charge;
};

/// What can be gone through in order; `flavor` tells Python's types apart.
struct Sequence {
  enum class Flavor : std::uint8_t { list, tuple, range, keys, values, items, generator };
  Flavor flavor;
  std::vector<Value> items;
  int depth;                      ///< Levels of nested containers, this one included.
  mutable std::size_t taken = 0;  ///< Of a generator: how many items were consumed.
  Charge charge;
};

/// A dict, in the order of insertion.
class Dictionary {
 public:
  using Member = std::pair<Value, Value>;
  explicit Dictionary(Machine* machine);

  const std::vector<Member>& members() const noexcept { return members_; }
  int depth() const noexcept { return depth_; }
  const Value* find(std::string_view key) const;
  /// The member whose key equals `key`, or nullptr. Throws for a key that cannot be hashed.
  const Value* find(Machine& machine, const Value& key) const;
  /// Adds the member, or gives the present one a new value.
  void set(Machine& machine, Value key, Value value);
  /// Adds a member whose key is known to be new.
  void add(Value key, Value value);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t position(std::string_view key) const;
  std::size_t position(Machine& machine, const Value& key) const;
  std::vector<Member> members_;
  std::unordered_map<std::string_view, std::size_t> by_name_;  // only of large ones
  int depth_ = 1;
  Charge charge_;
};

/// What namespace() gives: the one value that a template can change.
struct Namespace {
  std::vector<std::pair<std::string, Value>> members;
  const Value* find(std::string_view name) const;
  void set(std::string_view name, Value value);
};

/// A filter, method or global: `self` is what it was applied to.
using Function = Value (*)(Machine& machine, const Value& self, const Arguments& arguments);

struct Macro;
struct Scope;
struct Callable;

/// The state of a `for` that its body sees as `loop`.
struct Loop {
  std::shared_ptr<const Sequence> items;
  std::size_t index = 0;
  std::int64_t depth = 1;
};

class Value {
 public:
  using SequencePtr = std::shared_ptr<const Sequence>;
  using DictionaryPtr = std::shared_ptr<const Dictionary>;

  Value() : data_(Undefined{}) {}
  Value(None none) : data_(none) {}
  Value(bool value) : data_(value) {}
  Value(std::int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(Undefined value) : data_(std::move(value)) {}
  Value(std::shared_ptr<const String> value) : data_(std::move(value)) {}
  Value(SequencePtr value) : data_(std::move(value)) {}
  Value(DictionaryPtr value) : data_(std::move(value)) {}
  Value(std::shared_ptr<const Callable> value) : data_(std::move(value)) {}
  Value(std::shared_ptr<const Loop> value) : data_(std::move(value)) {}
  Value(Namespace* value) : data_(value) {}
  template <class T>
  Value(T*) = delete;  // else a pointer would turn into a bool

  bool is_undefined() const noexcept { return std::holds_alternative<Undefined>(data_); }
  bool is_none() const noexcept { return std::holds_alternative<None>(data_); }
  bool is_number() const noexcept;  ///< bool, int or float
  const Undefined* undefined() const noexcept { return std::get_if<Undefined>(&data_); }
  const bool* boolean() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const double* number() const noexcept { return std::get_if<double>(&data_); }
  const Text* text() const noexcept { return of<String>() ? &of<String>()->text : nullptr; }
  bool is_markup() const noexcept { return of<String>() && of<String>()->markup; }
  const Sequence* sequence() const noexcept { return of<Sequence>(); }
  const Dictionary* dictionary() const noexcept { return of<Dictionary>(); }
  const Callable* callable() const noexcept { return of<Callable>(); }
  const Loop* loop() const noexcept { return of<Loop>(); }
  Namespace* name_space() const noexcept;
  SequencePtr shared_sequence() const { return std::get<SequencePtr>(data_); }

  /// Of a bool or int: its value as Python's int.
  bool as_index(std::int64_t& index) const noexcept;
  /// Of a bool, int or float: its value as Python's float.
  double as_double() const noexcept;
  int depth() const noexcept;
  /// The name of Python's type, for messages.
  std::string_view type() const noexcept;
  /// Whether both are the same object.
  bool same(const Value& other) const noexcept;

 private:
  template <class T>
  const T* of() const noexcept {
    const auto* held = std::get_if<std::shared_ptr<const T>>(&data_);
    return held ? held->get() : nullptr;
  }
  std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const String>,
               SequencePtr, DictionaryPtr, std::shared_ptr<const Callable>,
               std::shared_ptr<const Loop>, Namespace*>
      data_;
};

/// Something that can be called: a function, a method with the object it belongs to, or a macro in
/// its scope.
struct Callable {
  std::string_view name;
  Function function = nullptr;
  Value self;
  const Macro* macro = nullptr;
  Scope* scope = nullptr;
};

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string_view, Value>> named;
  Value names;  ///< Keeps the names of those alive that came from a dict.
};

/// The limits of one render, and the making of values that count against them.
class Machine {
 public:
  static constexpr std::size_t kMaxSteps = 10'000'000;
  static constexpr std::size_t kMaxHeld = std::size_t{512} << 20;
  static constexpr std::size_t kMaxItems = 1'000'000;
  static constexpr int kMaxValueDepth = 200;

  Machine() = default;
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Counts work done; throws Error(unsupported) past kMaxSteps.
  void step(std::size_t count = 1);
  /// Counts a search, which compares the whole pattern at each byte of the text in the worst case.
  void step_for_search(std::size_t text, std::size_t pattern);

  Value string(Text text, bool markup = false);
  Value string(std::string bytes, bool from_template) {
    return string(Text(std::move(bytes), from_template));
  }
  Value sequence(Sequence::Flavor flavor, std::vector<Value> items);
  Value list(std::vector<Value> items) {
    return sequence(Sequence::Flavor::list, std::move(items));
  }
  Value name_space();
  std::shared_ptr<Dictionary> dictionary() { return std::make_shared<Dictionary>(this); }

 private:
  friend class Charge;
  std::size_t steps_ = 0;
  std::size_t held_ = 0;
  // Namespaces can hold each other: they live, and are emptied, here.
  std::vector<std::unique_ptr<Namespace>> namespaces_;
};

/// Values outside of any render's limits: constants of a template, and what a render is given.
Value from_json(const Json& json, bool from_template);
Value constant(Text text);
Value constant(std::vector<Value> items);
Value undefined(std::string why);

/// Throws Error(unsupported) where containers are nested deeper than kMaxValueDepth.
int checked_depth(int depth);

/// Binds arguments to parameters by position and name, as a Python call does.
class Bound {
 public:
  Bound(std::string_view function, const Arguments& arguments,
        std::initializer_list<std::string_view> names, std::size_t required = 0);
  /// The argument, or nullptr where none was given.
  const Value* operator[](std::size_t index) const { return values_[index]; }

 private:
  std::vector<const Value*> values_;
};

}  // namespace loquor::jinja
