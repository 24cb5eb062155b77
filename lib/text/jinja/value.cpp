#include "text/jinja/value.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "text/jinja/python.h"

namespace loquor::jinja {

namespace {
constexpr std::size_t kIndexedSize =
    16;  // a dict with fewer members is searched from front to back
}

Charge::Charge(Machine* machine, std::size_t bytes) : machine_(machine) { grow(bytes); }

void Charge::grow(std::size_t bytes) {
  if (!machine_) return;
  if (bytes > Machine::kMaxHeld - machine_->held_) {
    fail(Code::unsupported, "values that take more than ", Machine::kMaxHeld >> 20, " MiB");
  }
  machine_->held_ += bytes;
  bytes_ += bytes;
}

Charge::~Charge() {
  if (machine_) machine_->held_ -= bytes_;
}

Dictionary::Dictionary(Machine* machine) : charge_(machine, sizeof(Dictionary)) {}

const Value* Dictionary::find(std::string_view key) const {
  const std::size_t at = position(key);
  return at == kNone ? nullptr : &members_[at].second;
}

const Value* Dictionary::find(Machine& machine, const Value& key) const {
  const std::size_t at = position(machine, key);
  return at == kNone ? nullptr : &members_[at].second;
}

std::size_t Dictionary::position(std::string_view key) const {
  if (!by_name_.empty()) {
    const auto found = by_name_.find(key);
    return found == by_name_.end() ? kNone : found->second;
  }
  for (std::size_t at = 0; at < members_.size(); ++at) {
    if (const Text* text = members_[at].first.text(); text && text->view() == key) return at;
  }
  return kNone;
}

std::size_t Dictionary::position(Machine& machine, const Value& key) const {
  require_hashable(machine, key);
  if (const Text* text = key.text()) return position(text->view());
  for (std::size_t at = 0; at < members_.size(); ++at) {
    if (equal(machine, members_[at].first, key)) return at;
  }
  return kNone;
}

void Dictionary::set(Machine& machine, Value key, Value value) {
  const std::size_t at = position(machine, key);
  if (at == kNone) return add(std::move(key), std::move(value));
  depth_ = std::max(depth_, checked_depth(value.depth() + 1));
  members_[at].second = std::move(value);
}

void Dictionary::add(Value key, Value value) {
  charge_.grow(sizeof(Member));
  depth_ = std::max(depth_, checked_depth(std::max(key.depth(), value.depth()) + 1));
  members_.emplace_back(std::move(key), std::move(value));
  const auto index = [this](std::size_t at) {
    if (const Text* text = members_[at].first.text()) by_name_.emplace(text->view(), at);
  };
  if (members_.size() > kIndexedSize) {
    index(members_.size() - 1);
  } else if (members_.size() == kIndexedSize) {
    for (std::size_t at = 0; at < kIndexedSize; ++at) index(at);
  }
}

const Value* Namespace::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

void Namespace::set(std::string_view name, Value value) {
  for (auto& [key, present] : members) {
    if (key == name) {
      present = std::move(value);
      return;
    }
  }
  members.emplace_back(name, std::move(value));
}

bool Value::is_number() const noexcept { return boolean() || integer() || number(); }

Namespace* Value::name_space() const noexcept {
  const auto* held = std::get_if<Namespace*>(&data_);
  return held ? *held : nullptr;
}

bool Value::as_index(std::int64_t& index) const noexcept {
  if (const bool* value = boolean()) {
    index = *value ? 1 : 0;
  } else if (const std::int64_t* whole = integer()) {
    index = *whole;
  } else {
    return false;
  }
  return true;
}

double Value::as_double() const noexcept {
  std::int64_t index = 0;
  if (as_index(index)) return static_cast<double>(index);
  return number() ? *number() : 0;
}

int Value::depth() const noexcept {
  if (const Sequence* list = sequence()) return list->depth;
  if (const Dictionary* dict = dictionary()) return dict->depth();
  if (const Callable* call = callable()) return call->self.depth() + 1;
  if (const Loop* state = loop()) return state->items->depth + 1;
  return 0;
}

std::string_view Value::type() const noexcept {
  static constexpr std::string_view kSequences[] = {
      "list", "tuple", "range", "dict_keys", "dict_values", "dict_items", "generator"};
  if (const Sequence* list = sequence()) return kSequences[static_cast<std::size_t>(list->flavor)];
  static constexpr std::string_view kNames[] = {"Undefined", "NoneType",    "bool",     "int",
                                                "float",     "str",         "list",     "dict",
                                                "function",  "LoopContext", "Namespace"};
  return kNames[data_.index()];
}

bool Value::same(const Value& other) const noexcept {
  if (data_.index() != other.data_.index()) return false;
  return std::visit(
      [&](const auto& mine) {
        using T = std::decay_t<decltype(mine)>;
        if constexpr (std::is_same_v<T, Undefined>) {
          return mine.why == std::get<T>(other.data_).why;
        } else if constexpr (std::is_same_v<T, None>) {
          return true;
        } else {
          return mine == std::get<T>(other.data_);
        }
      },
      data_);
}

void Machine::step(std::size_t count) {
  steps_ += std::min(count, kMaxSteps + 1);
  if (steps_ > kMaxSteps) fail(Code::unsupported, "a render of more than ", kMaxSteps, " steps");
}

void Machine::step_for_search(std::size_t text, std::size_t pattern) {
  step(text / 256 * (1 + std::min(text, pattern) / 64));
}

Value Machine::string(Text text, bool markup) {
  const std::size_t bytes =
      sizeof(String) + text.size() + text.from_template().size() * sizeof(ByteRange);
  step(text.size() / 256);
  return Value(
      std::shared_ptr<const String>(new String{std::move(text), markup, Charge(this, bytes)}));
}

Value Machine::sequence(Sequence::Flavor flavor, std::vector<Value> items) {
  if (items.size() > kMaxItems)
    fail(Code::unsupported, "a list of more than ", kMaxItems, " items");
  step(items.size() / 4);
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  const std::size_t bytes = sizeof(Sequence) + items.size() * sizeof(Value);
  return Value(std::shared_ptr<const Sequence>(
      new Sequence{flavor, std::move(items), checked_depth(depth + 1), 0, Charge(this, bytes)}));
}

Value Machine::name_space() {
  step(16);
  namespaces_.push_back(std::make_unique<Namespace>());
  return Value(namespaces_.back().get());
}

Machine::~Machine() {
  // Values go before the charges' counter does, and no namespace is destroyed from within another.
  for (const auto& name_space : namespaces_) name_space->members.clear();
}

Value from_json(const Json& json, bool from_template) {
  switch (json.kind()) {
    case Json::Kind::null:
      return None{};
    case Json::Kind::boolean:
      return json.as_bool();
    case Json::Kind::integer:
      return json.as_integer();
    case Json::Kind::number:
      return json.as_number();
    case Json::Kind::string:
      return constant(Text(json.as_string(), from_template));
    case Json::Kind::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const Json& item : json.as_array()) items.push_back(from_json(item, from_template));
      return constant(std::move(items));
    }
    case Json::Kind::object: {
      const auto dict = std::make_shared<Dictionary>(nullptr);
      for (const auto& [key, value] : json.as_object()) {
        dict->add(constant(Text(key, from_template)), from_json(value, from_template));
      }
      return Value(std::shared_ptr<const Dictionary>(dict));
    }
  }
  return None{};
}

Value constant(Text text) {
  return Value(
      std::shared_ptr<const String>(new String{std::move(text), false, Charge(nullptr, 0)}));
}

Value constant(std::vector<Value> items) {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  return Value(std::shared_ptr<const Sequence>(new Sequence{
      Sequence::Flavor::list, std::move(items), checked_depth(depth + 1), 0, Charge(nullptr, 0)}));
}

Value undefined(std::string why) {
  return Undefined{std::make_shared<const std::string>(std::move(why))};
}

int checked_depth(int depth) {
  if (depth > Machine::kMaxValueDepth) {
    fail(Code::unsupported, "values nested deeper than ", Machine::kMaxValueDepth, " levels");
  }
  return depth;
}

Bound::Bound(std::string_view function, const Arguments& arguments,
             std::initializer_list<std::string_view> names, std::size_t required)
    : values_(names.size(), nullptr) {
  if (arguments.positional.size() > names.size()) {
    fail(Code::invalid_argument, function, "() takes at most ", names.size(), " arguments, found ",
         arguments.positional.size());
  }
  for (std::size_t i = 0; i < arguments.positional.size(); ++i)
    values_[i] = &arguments.positional[i];
  for (const auto& [name, value] : arguments.named) {
    const auto* found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      fail(Code::invalid_argument, function, "() has no parameter ", quoted(name));
    }
    const auto index = static_cast<std::size_t>(found - names.begin());
    if (values_[index])
      fail(Code::invalid_argument, function, "() is given ", quoted(name), " twice");
    values_[index] = &value;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (!values_[i])
      fail(Code::invalid_argument, function, "() lacks its argument ", quoted(names.begin()[i]));
  }
}

}  // namespace loquor::jinja
