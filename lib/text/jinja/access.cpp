// Going through values and looking into them: iteration, length, members, items and slices.
#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/utf8.h"
#include "text/jinja/library.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

using Flavor = Sequence::Flavor;

Items characters(Machine& machine, const Text& text) {
  std::vector<Value> items;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = next_character(text.view(), at);
    if (items.size() == Machine::kMaxItems)
      fail(Code::unsupported, "a list of more than ", items.size(), " items");
    items.push_back(machine.string(text.slice(at, next)));
    at = next;
  }
  machine.step(items.size());
  return Items(machine.list(std::move(items)).shared_sequence());
}

Items keys(Machine& machine, const Dictionary& dict) {
  std::vector<Value> items;
  items.reserve(dict.members().size());
  for (const auto& [key, value] : dict.members()) items.push_back(key);
  return Items(machine.list(std::move(items)).shared_sequence());
}

Items rest(Machine& machine, const Value& generator) {
  const Sequence& list = *generator.sequence();
  std::vector<Value> items(list.items.begin() + static_cast<std::ptrdiff_t>(list.taken),
                           list.items.end());
  list.taken = list.items.size();
  return Items(machine.list(std::move(items)).shared_sequence());
}

Value no_member(const Value& object, std::string_view name) {
  return undefined(text("a ", object.type(), " has no member ", quoted(name)));
}

Value loop_member(const Loop& loop, std::string_view name) {
  const auto& items = loop.items->items;
  const auto at = static_cast<std::int64_t>(loop.index);
  const auto count = static_cast<std::int64_t>(items.size());
  if (name == "index") return at + 1;
  if (name == "index0") return at;
  if (name == "first") return at == 0;
  if (name == "last") return at + 1 == count;
  if (name == "length") return count;
  if (name == "revindex") return count - at;
  if (name == "revindex0") return count - at - 1;
  if (name == "depth") return loop.depth;
  if (name == "depth0") return loop.depth - 1;
  if (name == "previtem")
    return at > 0 ? items[loop.index - 1] : undefined("there is no previous item");
  if (name == "nextitem")
    return at + 1 < count ? items[loop.index + 1] : undefined("there is no next item");
  if (name == "cycle" || name == "changed") fail(Code::unsupported, "loop.", name);
  return undefined(text("loop has no member ", quoted(name)));
}

// The part of `size` places that a slice takes: places start, start + step, ... (`count` of them).
struct Range {
  std::int64_t start, step, count;
};

Range resolve(const SliceParts& parts, std::int64_t size) {
  const auto index = [](const std::optional<Value>& part, std::int64_t otherwise) {
    return !part || part->is_none() ? otherwise : require_index(*part, "a slice index");
  };
  const std::int64_t step = index(parts.step, 1);
  if (step == 0) fail(Code::invalid_argument, "a slice's step must not be 0");
  const std::int64_t lowest = step > 0 ? 0 : -1;
  const std::int64_t highest = step > 0 ? size : size - 1;
  const auto place = [&](const std::optional<Value>& part, std::int64_t otherwise) {
    if (!part || part->is_none()) return otherwise;
    const std::int64_t at = require_index(*part, "a slice index");
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, lowest, highest);
  };
  const std::int64_t start = place(parts.start, step > 0 ? lowest : highest);
  const std::int64_t stop = place(parts.stop, step > 0 ? highest : lowest);
  const std::int64_t distance = step > 0 ? stop - start : start - stop;
  // |step| may be 2^63, but a longer step than the size takes the same places.
  const std::int64_t stride = step > 0 ? std::min(step, size + 1) : -std::max(step, -size - 1);
  return {start, step > 0 ? stride : -stride, distance <= 0 ? 0 : (distance - 1) / stride + 1};
}

Value slice_text(Machine& machine, const Text& text, const SliceParts& parts) {
  const Range range = resolve(parts, character_count(text.view()));
  Text out;
  if (range.count == 0) return machine.string(std::move(out));
  if (range.step == 1) {
    const std::size_t begin = character_offset(text.view(), 0, range.start);
    return machine.string(text.slice(begin, character_offset(text.view(), begin, range.count)));
  }
  if (text.size() > Machine::kMaxItems)
    fail(Code::unsupported, "a slice with a step of so long a text");
  std::vector<std::size_t> offsets{0};
  while (offsets.back() < text.size())
    offsets.push_back(next_character(text.view(), offsets.back()));
  for (std::int64_t i = 0; i < range.count; ++i) {
    const auto at = static_cast<std::size_t>(range.start + i * range.step);
    out.append(text, offsets[at], offsets[at + 1]);
  }
  return machine.string(std::move(out));
}

}  // namespace

bool is_iterable(const Value& value) noexcept {
  return value.is_undefined() || value.text() || value.sequence() || value.dictionary() ||
         value.loop();
}

Items iterate(Machine& machine, const Value& value) {
  if (const Sequence* list = value.sequence()) {
    return list->flavor == Flavor::generator ? rest(machine, value)
                                             : Items(value.shared_sequence());
  }
  if (const Dictionary* dict = value.dictionary()) return keys(machine, *dict);
  if (const Text* text = value.text()) return characters(machine, *text);
  if (value.is_undefined()) return Items(machine.list({}).shared_sequence());
  fail(Code::invalid_argument, "a ", value.type(), " cannot be iterated over");
}

std::int64_t length(Machine& machine, const Value& value) {
  if (const Text* text = value.text()) {
    machine.step(text->size() / 256);
    return character_count(text->view());
  }
  if (const Sequence* list = value.sequence(); list && list->flavor != Flavor::generator) {
    return static_cast<std::int64_t>(list->items.size());
  }
  if (const Dictionary* dict = value.dictionary())
    return static_cast<std::int64_t>(dict->members().size());
  if (value.is_undefined()) return 0;
  fail(Code::invalid_argument, "a ", value.type(), " has no length");
}

Value attribute(Machine& machine, const Value& object, std::string_view name) {
  if (object.undefined()) {
    fail(Code::invalid_argument, *object.undefined()->why, ", so it has no member ", quoted(name));
  }
  if (const Function method = find_method(object, name)) {
    return Value(std::shared_ptr<const Callable>(new Callable{name, method, object}));
  }
  if (const Dictionary* dict = object.dictionary()) {
    const Value* value = dict->find(name);
    return value ? *value : no_member(object, name);
  }
  if (const Namespace* name_space = object.name_space()) {
    const Value* value = name_space->find(name);
    return value ? *value : no_member(object, name);
  }
  if (const Loop* loop = object.loop()) return loop_member(*loop, name);
  machine.step();
  return no_member(object, name);
}

Value item(Machine& machine, const Value& object, const Value& key) {
  if (object.undefined()) {
    fail(Code::invalid_argument, *object.undefined()->why, ", so it has no items");
  }
  std::int64_t index = 0;
  if (const Dictionary* dict = object.dictionary()) {
    const Value* value = is_hashable(machine, key) ? dict->find(machine, key) : nullptr;
    if (value) return *value;
  } else if (key.as_index(index)) {
    const Sequence* list = object.sequence();
    if (list && list->flavor <= Flavor::range) {
      const auto size = static_cast<std::int64_t>(list->items.size());
      if (index < 0) index += size;
      if (index >= 0 && index < size) return list->items[static_cast<std::size_t>(index)];
    } else if (const Text* text = object.text()) {
      const std::int64_t size = length(machine, object);
      if (index < 0) index += size;
      if (index >= 0 && index < size) {
        const std::size_t at = character_offset(text->view(), 0, index);
        return machine.string(text->slice(at, next_character(text->view(), at)));
      }
    }
  }
  if (const Text* name = key.text()) return attribute(machine, object, name->view());
  Text shown;
  append_repr(machine, shown, key);
  return undefined(text("a ", object.type(), " has no item ", quoted(shown.view())));
}

Value slice(Machine& machine, const Value& object, const SliceParts& parts) {
  if (const Text* text = object.text()) return slice_text(machine, *text, parts);
  const Sequence* list = object.sequence();
  if (!list || list->flavor > Flavor::range) {
    if (object.undefined())
      fail(Code::invalid_argument, *object.undefined()->why, ", so it has no slices");
    fail(Code::invalid_argument, "a ", object.type(), " cannot be sliced");
  }
  const Range range = resolve(parts, static_cast<std::int64_t>(list->items.size()));
  std::vector<Value> items;
  items.reserve(static_cast<std::size_t>(range.count));
  for (std::int64_t i = 0; i < range.count; ++i) {
    items.push_back(list->items[static_cast<std::size_t>(range.start + i * range.step)]);
  }
  return machine.sequence(list->flavor, std::move(items));
}

}  // namespace loquor::jinja
