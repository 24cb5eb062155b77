// Filters on lists and dicts: https://jinja.palletsprojects.com/en/3.1.x/templates/#builtin-filters
#include <algorithm>

#include "base/error.h"
#include "text/jinja/library.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

using Flavor = Sequence::Flavor;

// A path such as "function.name" or "0.id", followed member by member.
class Path {
 public:
  Path(Machine& machine, const Value& path) {
    if (path.is_none()) return;
    if (!path.text()) {
      parts_.push_back(path);
      return;
    }
    for (const Text& part : split(*path.text(), ".", -1, false)) {
      const std::string_view name = part.view();
      const bool digits = !name.empty() && std::all_of(name.begin(), name.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
      if (digits && name.size() > 9) fail(Code::unsupported, "the index ", quoted(name));
      parts_.push_back(digits ? Value(std::int64_t{std::stoi(std::string(name))})
                              : machine.string(part));
    }
  }

  Value follow(Machine& machine, Value value, const Value* otherwise = nullptr) const {
    for (const Value& part : parts_) {
      value = item(machine, value, part);
      if (otherwise && value.is_undefined()) value = *otherwise;
    }
    return value;
  }

 private:
  std::vector<Value> parts_;
};

Arguments without_first(const Arguments& arguments, std::size_t count) {
  Arguments rest;
  rest.positional.assign(arguments.positional.begin() + static_cast<std::ptrdiff_t>(count),
                         arguments.positional.end());
  rest.named = arguments.named;
  rest.names = arguments.names;
  return rest;
}

// map, select and their kin take what is false, be it none, for an empty list.
Items items_if_any(Machine& machine, const Value& value) {
  return iterate(machine, truth(value) ? value : Value());
}

Value map(Machine& machine, const Value& value, const Arguments& arguments) {
  std::vector<Value> out;
  if (arguments.positional.empty()) {
    const Bound bound("map", arguments, {"attribute", "default"});
    if (!bound[0]) fail(Code::invalid_argument, "map() needs a filter or an attribute");
    const Value* otherwise = bound[1] && !bound[1]->is_none() ? bound[1] : nullptr;
    const Path path(machine, *bound[0]);
    for (const Value& item : items_if_any(machine, value)) {
      machine.step();
      out.push_back(path.follow(machine, item, otherwise));
    }
  } else {
    const std::string_view name =
        require_text(arguments.positional[0], "map(): the filter's name").view();
    const Function filter = find_filter(name);
    if (!filter) fail(Code::unsupported, "the filter ", quoted(name));
    const Arguments rest = without_first(arguments, 1);
    for (const Value& item : items_if_any(machine, value)) {
      machine.step();
      out.push_back(filter(machine, item, rest));
    }
  }
  return machine.sequence(Flavor::generator, std::move(out));
}

Value pick(Machine& machine, std::string_view name, const Value& value, const Arguments& arguments,
           bool wanted, bool by_attribute) {
  const std::size_t skip = by_attribute ? 1 : 0;
  if (arguments.positional.size() < skip)
    fail(Code::invalid_argument, name, "() lacks the attribute");
  const Path path(machine, by_attribute ? arguments.positional[0] : Value(None{}));
  Test test = [](Machine&, const Value& item, const Arguments&) { return truth(item); };
  Arguments rest;
  if (arguments.positional.size() > skip) {
    const std::string_view test_name =
        require_text(arguments.positional[skip], "the test's name").view();
    test = find_test(test_name);
    if (!test) fail(Code::unsupported, "the test ", quoted(test_name));
    rest = without_first(arguments, skip + 1);
  }
  std::vector<Value> out;
  for (const Value& item : items_if_any(machine, value)) {
    machine.step();
    if (test(machine, path.follow(machine, item), rest) == wanted) out.push_back(item);
  }
  return machine.sequence(Flavor::generator, std::move(out));
}

Value select(Machine& machine, const Value& value, const Arguments& arguments) {
  return pick(machine, "select", value, arguments, true, false);
}

Value reject(Machine& machine, const Value& value, const Arguments& arguments) {
  return pick(machine, "reject", value, arguments, false, false);
}

Value selectattr(Machine& machine, const Value& value, const Arguments& arguments) {
  return pick(machine, "selectattr", value, arguments, true, true);
}

Value rejectattr(Machine& machine, const Value& value, const Arguments& arguments) {
  return pick(machine, "rejectattr", value, arguments, false, true);
}

// A text in lower case, so that texts compare without regard to case; anything else as it is.
Value folded(Machine& machine, const Value& value) {
  return value.text() ? machine.string(to_case(*value.text(), Case::lower)) : value;
}

struct Keyed {
  Value key, value;
};

std::vector<Value> sorted(Machine& machine, std::vector<Keyed> entries, bool reverse) {
  std::stable_sort(entries.begin(), entries.end(), [&](const Keyed& a, const Keyed& b) {
    return reverse ? less(machine, b.key, a.key) : less(machine, a.key, b.key);
  });
  std::vector<Value> out;
  out.reserve(entries.size());
  for (Keyed& entry : entries) out.push_back(std::move(entry.value));
  return out;
}

Value sort(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("sort", arguments, {"reverse", "case_sensitive", "attribute"});
  const bool as_written = bound[1] && truth(*bound[1]);
  std::vector<Path> paths;
  if (bound[2] && bound[2]->text()) {
    for (const Text& path : split(*bound[2]->text(), ",", -1, false))
      paths.emplace_back(machine, machine.string(path));
  } else {
    paths.emplace_back(machine, bound[2] ? *bound[2] : Value(None{}));
  }
  std::vector<Keyed> entries;
  for (const Value& item : iterate(machine, value)) {
    std::vector<Value> key;
    for (const Path& path : paths) {
      const Value part = path.follow(machine, item);
      key.push_back(as_written ? part : folded(machine, part));
    }
    entries.push_back({machine.list(std::move(key)), item});
  }
  return machine.list(sorted(machine, std::move(entries), bound[0] && truth(*bound[0])));
}

Value dictsort(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("dictsort", arguments, {"case_sensitive", "by", "reverse"});
  const Dictionary* dict = value.dictionary();
  if (!dict) fail(Code::invalid_argument, "dictsort needs a dict, found ", value.type());
  const std::string_view by = bound[1] ? require_text(*bound[1], "dictsort(): by").view() : "key";
  if (by != "key" && by != "value")
    fail(Code::invalid_argument, "dictsort(): by must be 'key' or 'value'");
  const bool as_written = bound[0] && truth(*bound[0]);
  std::vector<Keyed> entries;
  for (const auto& [name, member] : dict->members()) {
    const Value& key = by == "key" ? name : member;
    entries.push_back(
        {as_written ? key : folded(machine, key), machine.sequence(Flavor::tuple, {name, member})});
  }
  return machine.list(sorted(machine, std::move(entries), bound[2] && truth(*bound[2])));
}

Value unique(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("unique", arguments, {"case_sensitive", "attribute"});
  const bool as_written = bound[0] && truth(*bound[0]);
  const Path path(machine, bound[1] ? *bound[1] : Value(None{}));
  std::vector<Value> seen;
  std::vector<Value> out;
  for (const Value& item : iterate(machine, value)) {
    const Value part = path.follow(machine, item);
    const Value key = as_written ? part : folded(machine, part);
    require_hashable(machine, key);
    const bool known = std::any_of(seen.begin(), seen.end(),
                                   [&](const Value& other) { return equal(machine, key, other); });
    if (known) continue;
    seen.push_back(key);
    out.push_back(item);
  }
  return machine.sequence(Flavor::generator, std::move(out));
}

Value extreme(Machine& machine, std::string_view name, const Value& value,
              const Arguments& arguments, bool largest) {
  const Bound bound(name, arguments, {"case_sensitive", "attribute"});
  const bool as_written = bound[0] && truth(*bound[0]);
  const Path path(machine, bound[1] ? *bound[1] : Value(None{}));
  std::optional<Keyed> best;
  for (const Value& item : iterate(machine, value)) {
    const Value part = path.follow(machine, item);
    Value key = as_written ? part : folded(machine, part);
    if (!best || (largest ? less(machine, best->key, key) : less(machine, key, best->key)))
      best = Keyed{std::move(key), item};
  }
  return best ? best->value : undefined(text(name, "() of nothing"));
}

Value min(Machine& machine, const Value& value, const Arguments& arguments) {
  return extreme(machine, "min", value, arguments, false);
}

Value max(Machine& machine, const Value& value, const Arguments& arguments) {
  return extreme(machine, "max", value, arguments, true);
}

Value sum(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("sum", arguments, {"attribute", "start"});
  const Path path(machine, bound[0] ? *bound[0] : Value(None{}));
  Value total = bound[1] ? *bound[1] : Value(std::int64_t{0});
  for (const Value& item : iterate(machine, value)) {
    total = arithmetic(machine, Operator::add, total, path.follow(machine, item));
  }
  return total;
}

Value join(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("join", arguments, {"d", "attribute"});
  const Text separator = bound[0] ? str(machine, *bound[0]) : Text();
  const Path path(machine, bound[1] ? *bound[1] : Value(None{}));
  Text out;
  bool first = true;
  for (const Value& item : iterate(machine, value)) {
    machine.step();
    if (!first) out.append(separator);
    first = false;
    append_str(machine, out, path.follow(machine, item));
  }
  return machine.string(std::move(out));
}

Value length_of(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("length", arguments, {});
  return length(machine, value);
}

Value list(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("list", arguments, {});
  return machine.list(iterate(machine, value).sequence()->items);
}

Value items(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("items", arguments, {});
  std::vector<Value> out;
  if (const Dictionary* dict = value.dictionary()) {
    for (const auto& [name, member] : dict->members())
      out.push_back(machine.sequence(Flavor::tuple, {name, member}));
  } else if (!value.is_undefined()) {
    fail(Code::invalid_argument, "items needs a dict, found ", value.type());
  }
  return machine.sequence(Flavor::generator, std::move(out));
}

Value first(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("first", arguments, {});
  if (const Sequence* list = value.sequence(); list && list->flavor == Flavor::generator) {
    if (list->taken < list->items.size()) return list->items[list->taken++];
  } else if (value.text() && value.text()->size() != 0) {
    return machine.string(value.text()->slice(0, next_character(value.text()->view(), 0)));
  } else if (const auto all = iterate(machine, value); all.size() != 0) {
    return all[0];
  }
  return undefined("first of nothing");
}

Value last(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("last", arguments, {});
  if (value.sequence() && value.sequence()->flavor == Flavor::generator) {
    fail(Code::invalid_argument, "last of a generator; pipe it through `list`");
  }
  const auto all = iterate(machine, value);
  return all.size() == 0 ? undefined("last of nothing") : all[all.size() - 1];
}

Value reverse(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("reverse", arguments, {});
  if (value.text())
    return slice(machine, value, {std::nullopt, std::nullopt, Value(std::int64_t{-1})});
  std::vector<Value> out = iterate(machine, value).sequence()->items;
  std::reverse(out.begin(), out.end());
  return machine.sequence(Flavor::generator, std::move(out));
}

constexpr Named<Function> kFilters[] = {
    {"count", length_of},  {"dictsort", dictsort},
    {"first", first},      {"items", items},
    {"join", join},        {"last", last},
    {"length", length_of}, {"list", list},
    {"map", map},          {"max", max},
    {"min", min},          {"reject", reject},
    {"reverse", reverse},  {"rejectattr", rejectattr},
    {"select", select},    {"selectattr", selectattr},
    {"sort", sort},        {"sum", sum},
    {"unique", unique},
};

}  // namespace

Function find_sequence_filter(std::string_view name) { return find(kFilters, name); }

}  // namespace loquor::jinja
