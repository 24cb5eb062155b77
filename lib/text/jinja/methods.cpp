// The methods of Python's str, list and dict that templates call. transformers runs templates in a
// sandbox that refuses those that change their object:
// https://jinja.palletsprojects.com/en/3.1.x/sandbox/
#include <algorithm>
#include <span>

#include "base/error.h"
#include "text/jinja/library.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

using Flavor = Sequence::Flavor;

std::optional<std::string_view> optional_text(const Value* value, std::string_view what) {
  if (!value || value->is_none()) return std::nullopt;
  return require_text(*value, what).view();
}

Value strip_side(Machine& machine, std::string_view name, const Value& self,
                 const Arguments& arguments, Side side) {
  const Bound bound(name, arguments, {"chars"});
  return machine.string(stripped(machine, *self.text(), bound[0], side));
}

Value strip_both(Machine& machine, const Value& self, const Arguments& arguments) {
  return strip_side(machine, "strip", self, arguments, Side::both);
}

Value strip_left(Machine& machine, const Value& self, const Arguments& arguments) {
  return strip_side(machine, "lstrip", self, arguments, Side::left);
}

Value strip_right(Machine& machine, const Value& self, const Arguments& arguments) {
  return strip_side(machine, "rstrip", self, arguments, Side::right);
}

Value parts(Machine& machine, std::vector<Text> texts) {
  std::vector<Value> items;
  items.reserve(texts.size());
  for (Text& text : texts) items.push_back(machine.string(std::move(text)));
  machine.step(items.size() / 4);
  return machine.list(std::move(items));
}

Value split_method(Machine& machine, std::string_view name, const Value& self,
                   const Arguments& arguments, bool from_right) {
  const Bound bound(name, arguments, {"sep", "maxsplit"});
  const std::int64_t limit = bound[1] ? require_index(*bound[1], "maxsplit") : -1;
  const auto separator = optional_text(bound[0], "split(): sep");
  machine.step_for_search(self.text()->size(), separator.value_or("").size());
  return parts(machine, split(*self.text(), separator, limit, from_right));
}

Value split_from_left(Machine& machine, const Value& self, const Arguments& arguments) {
  return split_method(machine, "split", self, arguments, false);
}

Value split_from_right(Machine& machine, const Value& self, const Arguments& arguments) {
  return split_method(machine, "rsplit", self, arguments, true);
}

Value lines(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("splitlines", arguments, {});
  return parts(machine, split_lines(*self.text()));
}

Value replaced(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("replace", arguments, {"old", "new", "count"}, 2);
  const std::string_view old = require_text(*bound[0], "replace(): old").view();
  const std::int64_t limit = bound[2] ? require_index(*bound[2], "replace(): count") : -1;
  machine.step_for_search(self.text()->size(), old.size());
  return machine.string(
      replace(*self.text(), old, require_text(*bound[1], "replace(): new"), limit));
}

Value changed(Machine& machine, std::string_view name, const Value& self,
              const Arguments& arguments, Case wanted) {
  const Bound bound(name, arguments, {});
  return machine.string(to_case(*self.text(), wanted));
}

Value upper(Machine& machine, const Value& self, const Arguments& arguments) {
  return changed(machine, "upper", self, arguments, Case::upper);
}

Value lower(Machine& machine, const Value& self, const Arguments& arguments) {
  return changed(machine, "lower", self, arguments, Case::lower);
}

Value capitalize(Machine& machine, const Value& self, const Arguments& arguments) {
  return changed(machine, "capitalize", self, arguments, Case::capitalize);
}

Value title(Machine& machine, const Value& self, const Arguments& arguments) {
  return changed(machine, "title", self, arguments, Case::title_words);
}

Value is_digit(Machine&, const Value& self, const Arguments& arguments) {
  const Bound bound("isdigit", arguments, {});
  return is_digits(self.text()->view());
}

// startswith() and endswith() take one text or a tuple of them.
bool any_affix(Machine& machine, std::string_view name, const Arguments& arguments,
               bool (*matches)(std::string_view, std::string_view), std::string_view text) {
  const Bound bound(name, arguments, {"prefix"}, 1);
  if (!bound[0]->sequence()) return matches(text, require_text(*bound[0], name).view());
  const auto affixes = iterate(machine, *bound[0]);
  return std::any_of(affixes.begin(), affixes.end(), [&](const Value& affix) {
    return matches(text, require_text(affix, name).view());
  });
}

Value starts_with(Machine& machine, const Value& self, const Arguments& arguments) {
  const auto matches = [](std::string_view text, std::string_view affix) {
    return text.starts_with(affix);
  };
  return any_affix(machine, "startswith", arguments, matches, self.text()->view());
}

Value ends_with(Machine& machine, const Value& self, const Arguments& arguments) {
  const auto matches = [](std::string_view text, std::string_view affix) {
    return text.ends_with(affix);
  };
  return any_affix(machine, "endswith", arguments, matches, self.text()->view());
}

Value find_text(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("find", arguments, {"sub"}, 1);
  const std::string_view view = self.text()->view();
  const std::string_view wanted = require_text(*bound[0], "find(): sub").view();
  machine.step_for_search(view.size(), wanted.size());
  const std::size_t found = view.find(wanted);
  return found == view.npos ? std::int64_t{-1} : character_count(view.substr(0, found));
}

Value count_text(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("count", arguments, {"sub"}, 1);
  const std::string_view wanted = require_text(*bound[0], "count(): sub").view();
  if (wanted.empty()) return length(machine, self) + 1;
  machine.step_for_search(self.text()->size(), wanted.size());
  std::int64_t count = 0;
  for (std::size_t at = 0; (at = self.text()->view().find(wanted, at)) != std::string_view::npos;
       at += wanted.size())
    ++count;
  return count;
}

Value join_texts(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("join", arguments, {"iterable"}, 1);
  Text out;
  bool first = true;
  for (const Value& item : iterate(machine, *bound[0])) {
    machine.step();
    if (!first) out.append(*self.text());
    first = false;
    out.append(require_text(item, "join(): an item"));
  }
  return machine.string(std::move(out));
}

// The fields of str.format(): {}, {0} or {name}, without a format.
Value format(Machine& machine, const Value& self, const Arguments& arguments) {
  const Text& text = *self.text();
  const std::string_view view = text.view();
  Text out;
  std::size_t next_argument = 0;
  for (std::size_t at = 0; at < view.size();) {
    const std::size_t brace = std::min(view.find_first_of("{}", at), view.size());
    out.append(text, at, brace);
    at = brace;
    if (at == view.size()) break;
    if (at + 1 < view.size() && view[at + 1] == view[at]) {
      out.append(text, at, at + 1);
      at += 2;
      continue;
    }
    const std::size_t end = view.find('}', at);
    if (view[at] == '}' || end == view.npos)
      fail(Code::invalid_argument, "format(): a single brace in the text");
    const std::string_view field = view.substr(at + 1, end - at - 1);
    if (field.find_first_of(":!.[{") != field.npos)
      fail(Code::unsupported, "format() with the field ", quoted(field));
    const Value* value = nullptr;
    if (field.empty() || (field.size() == 1 && field[0] >= '0' && field[0] <= '9')) {
      const std::size_t index =
          field.empty() ? next_argument++ : static_cast<std::size_t>(field[0] - '0');
      if (index < arguments.positional.size()) value = &arguments.positional[index];
    }
    for (const auto& [name, named] : arguments.named) {
      if (name == field) value = &named;
    }
    if (!value) fail(Code::invalid_argument, "format() lacks the argument ", quoted(field));
    append_str(machine, out, *value);
    at = end + 1;
  }
  return machine.string(std::move(out));
}

Value get(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("get", arguments, {"key", "default"}, 1);
  const Value* value = self.dictionary()->find(machine, *bound[0]);
  return value ? *value : bound[1] ? *bound[1] : Value(None{});
}

Value dict_items(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("items", arguments, {});
  std::vector<Value> out;
  for (const auto& [key, value] : self.dictionary()->members()) {
    out.push_back(machine.sequence(Flavor::tuple, {key, value}));
  }
  return machine.sequence(Flavor::items, std::move(out));
}

Value keys(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("keys", arguments, {});
  return machine.sequence(Flavor::keys, iterate(machine, self).sequence()->items);
}

Value values(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("values", arguments, {});
  std::vector<Value> out;
  for (const auto& member : self.dictionary()->members()) out.push_back(member.second);
  return machine.sequence(Flavor::values, std::move(out));
}

Value copy(Machine&, const Value& self, const Arguments& arguments) {
  const Bound bound("copy", arguments, {});
  return self;  // values never change
}

Value index_of(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("index", arguments, {"value"}, 1);
  const auto& all = self.sequence()->items;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (equal(machine, all[i], *bound[0])) return static_cast<std::int64_t>(i);
  }
  fail(Code::invalid_argument, "index(): the value is not in the list");
}

Value count_item(Machine& machine, const Value& self, const Arguments& arguments) {
  const Bound bound("count", arguments, {"value"}, 1);
  const auto& all = self.sequence()->items;
  return std::int64_t{std::count_if(all.begin(), all.end(), [&](const Value& value) {
    return equal(machine, value, *bound[0]);
  })};
}

// A method whose function is null is Python's, but not ours.
constexpr Named<Function> kStringMethods[] = {
    {"capitalize", capitalize}, {"count", count_text},
    {"endswith", ends_with},    {"find", find_text},
    {"format", format},         {"join", join_texts},
    {"lower", lower},           {"lstrip", strip_left},
    {"replace", replaced},      {"rsplit", split_from_right},
    {"rstrip", strip_right},    {"split", split_from_left},
    {"splitlines", lines},      {"startswith", starts_with},
    {"strip", strip_both},      {"upper", upper},
    {"casefold", nullptr},      {"center", nullptr},
    {"encode", nullptr},        {"expandtabs", nullptr},
    {"format_map", nullptr},    {"index", nullptr},
    {"isalnum", nullptr},       {"isalpha", nullptr},
    {"isascii", nullptr},       {"isdecimal", nullptr},
    {"isdigit", is_digit},      {"isidentifier", nullptr},
    {"islower", nullptr},       {"isnumeric", nullptr},
    {"isprintable", nullptr},   {"isspace", nullptr},
    {"istitle", nullptr},       {"isupper", nullptr},
    {"ljust", nullptr},         {"maketrans", nullptr},
    {"partition", nullptr},     {"removeprefix", nullptr},
    {"removesuffix", nullptr},  {"rfind", nullptr},
    {"rindex", nullptr},        {"rjust", nullptr},
    {"rpartition", nullptr},    {"swapcase", nullptr},
    {"title", title},           {"translate", nullptr},
    {"zfill", nullptr},
};
constexpr Named<Function> kListMethods[] = {
    {"copy", copy},      {"count", count_item}, {"index", index_of}, {"append", nullptr},
    {"clear", nullptr},  {"extend", nullptr},   {"insert", nullptr}, {"pop", nullptr},
    {"remove", nullptr}, {"reverse", nullptr},  {"sort", nullptr},
};
constexpr Named<Function> kTupleMethods[] = {{"count", count_item}, {"index", index_of}};
constexpr Named<Function> kDictMethods[] = {
    {"copy", copy},          {"get", get},        {"items", dict_items},
    {"keys", keys},          {"values", values},  {"clear", nullptr},
    {"fromkeys", nullptr},   {"pop", nullptr},    {"popitem", nullptr},
    {"setdefault", nullptr}, {"update", nullptr},
};

std::span<const Named<Function>> methods_of(const Value& object) {
  if (object.text()) return kStringMethods;
  if (object.dictionary()) return kDictMethods;
  const Sequence* list = object.sequence();
  if (list && list->flavor == Flavor::list) return kListMethods;
  if (list && list->flavor == Flavor::tuple) return kTupleMethods;
  return {};
}

Value refused(Machine&, const Value& self, const Arguments&) {
  fail(Code::unsupported, "a method of ", self.type(),
       " that is not known here, or changes its object");
}

}  // namespace

Function find_method(const Value& object, std::string_view name) {
  for (const auto& method : methods_of(object)) {
    if (method.name == name) return method.what ? method.what : refused;
  }
  return nullptr;
}

}  // namespace loquor::jinja
