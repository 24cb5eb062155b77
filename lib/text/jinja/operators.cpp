// Truth, equality, order and arithmetic with Python's rules; integers have 64 bits and overflow is
// an error.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "text/jinja/python.h"

namespace loquor::jinja {

namespace {

using Flavor = Sequence::Flavor;

bool same_items(Machine& machine, const std::vector<Value>& a, const std::vector<Value>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [&](const Value& x, const Value& y) { return equal(machine, x, y); });
}

bool same_members(Machine& machine, const Dictionary& a, const Dictionary& b) {
  if (a.members().size() != b.members().size()) return false;
  for (const auto& [key, value] : a.members()) {
    const Value* other = b.find(machine, key);
    if (!other || !equal(machine, value, *other)) return false;
  }
  return true;
}

bool less_items(Machine& machine, const std::vector<Value>& a, const std::vector<Value>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (!equal(machine, a[i], b[i])) return less(machine, a[i], b[i]);
  }
  return a.size() < b.size();
}

std::string_view symbol(Operator op) {
  static constexpr std::string_view kSymbols[] = {"+", "-", "*", "/", "//", "%", "**"};
  return kSymbols[static_cast<std::size_t>(op)];
}

[[noreturn]] void fail_operands(std::string_view op, const Value& a, const Value& b) {
  for (const Value* value : {&a, &b}) {
    if (value->undefined()) fail(Code::invalid_argument, *value->undefined()->why);
  }
  fail(Code::invalid_argument, op, " does not take ", a.type(), " and ", b.type());
}

[[noreturn]] void fail_overflow(Operator op) {
  fail(Code::unsupported, "the result of ", symbol(op), " does not fit into 64 bits");
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  std::int64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result))
      fail_overflow(Operator::power);
    if (exponent > 1 && __builtin_mul_overflow(base, base, &base)) fail_overflow(Operator::power);
  }
  return result;
}

Value integers(Operator op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::subtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::multiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case Operator::divide:
      return static_cast<double>(a) / static_cast<double>(b);
    case Operator::power:
      if (b < 0) return std::pow(static_cast<double>(a), static_cast<double>(b));
      return power(a, b);
    case Operator::floor_divide:
    case Operator::modulo:
      // The one quotient that does not fit, and whose computing would trap.
      if (a == std::numeric_limits<std::int64_t>::min() && b == -1) {
        if (op == Operator::floor_divide) fail_overflow(op);
        return std::int64_t{0};
      }
      result = op == Operator::modulo ? a % b + ((a % b != 0 && (a % b < 0) != (b < 0)) ? b : 0)
                                      : floor_divide(a, b);
  }
  if (overflow) fail_overflow(op);
  return result;
}

Value floats(Operator op, double a, double b) {
  switch (op) {
    case Operator::add:
      return a + b;
    case Operator::subtract:
      return a - b;
    case Operator::multiply:
      return a * b;
    case Operator::divide:
      return a / b;
    case Operator::power:
      if (a < 0 && b != std::floor(b)) fail(Code::unsupported, "complex numbers");
      return std::pow(a, b);
    case Operator::floor_divide:
    case Operator::modulo:
      break;
  }
  double remainder = std::fmod(a, b);
  double quotient = std::round((a - remainder) / b);
  if (remainder != 0 && (remainder < 0) != (b < 0)) {
    remainder += b;
    quotient -= 1;
  } else if (remainder == 0) {
    remainder = std::copysign(0.0, b);
  }
  return op == Operator::modulo ? remainder : quotient;
}

Value repeat(Machine& machine, const Value& what, std::int64_t times) {
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(times, 0));
  if (const Text* text = what.text()) {
    Text out;
    if (text->size() != 0 && count > Text::kMaxBytes / text->size()) {
      fail(Code::unsupported, "a text longer than ", Text::kMaxBytes >> 20, " MiB");
    }
    for (std::size_t i = 0; i < count && text->size() != 0; ++i) out.append(*text);
    return machine.string(std::move(out));
  }
  const Sequence& list = *what.sequence();
  std::vector<Value> items;
  if (!list.items.empty() && count > Machine::kMaxItems / list.items.size()) {
    fail(Code::unsupported, "a list of more than ", Machine::kMaxItems, " items");
  }
  for (std::size_t i = 0; i < count && !list.items.empty(); ++i) {
    items.insert(items.end(), list.items.begin(), list.items.end());
  }
  return machine.sequence(list.flavor, std::move(items));
}

bool is_list_or_tuple(const Value& value) {
  const Sequence* list = value.sequence();
  return list && (list->flavor == Flavor::list || list->flavor == Flavor::tuple);
}

void append_escaped(Text& out, const Text& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text.view()[at]) {
      case '&':
        out.append("&amp;", false);
        break;
      case '<':
        out.append("&lt;", false);
        break;
      case '>':
        out.append("&gt;", false);
        break;
      case '"':
        out.append("&#34;", false);
        break;
      case '\'':
        out.append("&#39;", false);
        break;
      default:
        out.append(text, at, at + 1);
    }
  }
}

Value joined(Machine& machine, const Value& a, const Value& b) {
  if (a.text() && b.text()) {
    const bool markup = a.is_markup() || b.is_markup();
    Text out;
    for (const Value* part : {&a, &b}) {
      if (markup && !part->is_markup()) {
        append_escaped(out, *part->text());
      } else {
        out.append(*part->text());
      }
    }
    return machine.string(std::move(out), markup);
  }
  if (is_list_or_tuple(a) && is_list_or_tuple(b) && a.sequence()->flavor == b.sequence()->flavor) {
    std::vector<Value> items = a.sequence()->items;
    items.insert(items.end(), b.sequence()->items.begin(), b.sequence()->items.end());
    return machine.sequence(a.sequence()->flavor, std::move(items));
  }
  fail_operands("+", a, b);
}

}  // namespace

bool truth(const Value& value) noexcept {
  if (const bool* boolean = value.boolean()) return *boolean;
  if (value.is_number()) return value.as_double() != 0;
  if (const Text* text = value.text()) return text->size() != 0;
  if (const Sequence* list = value.sequence())
    return list->flavor == Flavor::generator || !list->items.empty();
  if (const Dictionary* dict = value.dictionary()) return !dict->members().empty();
  return !value.is_undefined() && !value.is_none();
}

bool equal(Machine& machine, const Value& a, const Value& b) {
  machine.step();
  if (a.is_undefined() || b.is_undefined()) return a.is_undefined() && b.is_undefined();
  if (a.is_number() && b.is_number()) {
    std::int64_t x = 0;
    std::int64_t y = 0;
    return a.as_index(x) && b.as_index(y) ? x == y : a.as_double() == b.as_double();
  }
  if (a.text() && b.text()) {
    machine.step(std::min(a.text()->size(), b.text()->size()) / 256);
    return a.text()->view() == b.text()->view();
  }
  if (a.same(b)) return true;
  const Sequence* list = a.sequence();
  if (list && b.sequence() && list->flavor == b.sequence()->flavor &&
      list->flavor <= Flavor::range) {
    return same_items(machine, list->items, b.sequence()->items);
  }
  if (a.dictionary() && b.dictionary())
    return same_members(machine, *a.dictionary(), *b.dictionary());
  return false;
}

bool less(Machine& machine, const Value& a, const Value& b) {
  machine.step();
  if (a.is_number() && b.is_number()) {
    std::int64_t x = 0;
    std::int64_t y = 0;
    return a.as_index(x) && b.as_index(y) ? x < y : a.as_double() < b.as_double();
  }
  if (a.text() && b.text()) {
    machine.step(std::min(a.text()->size(), b.text()->size()) / 256);
    return a.text()->view() < b.text()->view();  // the order of UTF-8 is the order of code points
  }
  if (is_list_or_tuple(a) && is_list_or_tuple(b) && a.sequence()->flavor == b.sequence()->flavor) {
    return less_items(machine, a.sequence()->items, b.sequence()->items);
  }
  fail_operands("comparison", a, b);
}

bool less_or_equal(Machine& machine, const Value& a, const Value& b) {
  // Not the negation of `b < a`: NaN is in no order.
  return less(machine, a, b) || equal(machine, a, b);
}

bool contains(Machine& machine, const Value& container, const Value& item) {
  if (const Text* text = container.text()) {
    const Text& needle = require_text(item, "the left side of `in` a string");
    machine.step_for_search(text->size(), needle.size());
    return text->view().find(needle.view()) != std::string_view::npos;
  }
  if (const Dictionary* dict = container.dictionary()) return dict->find(machine, item) != nullptr;
  if (const Sequence* list = container.sequence()) {
    for (std::size_t i = list->taken; i < list->items.size(); ++i) {
      if (list->flavor == Flavor::generator) list->taken = i + 1;
      if (list->items[i].same(item) || equal(machine, list->items[i], item)) return true;
    }
    return false;
  }
  if (container.is_undefined()) return false;
  fail(Code::invalid_argument, "`in` needs a container on its right, found ", container.type());
}

bool is_hashable(Machine& machine, const Value& key) {
  machine.step();
  const Sequence* list = key.sequence();
  if (!list) return !key.dictionary();
  return list->flavor != Flavor::list &&
         std::all_of(list->items.begin(), list->items.end(),
                     [&](const Value& item) { return is_hashable(machine, item); });
}

void require_hashable(Machine& machine, const Value& key) {
  if (!is_hashable(machine, key))
    fail(Code::invalid_argument, "a ", key.type(), " cannot be a key");
}

Value arithmetic(Machine& machine, Operator op, const Value& a, const Value& b) {
  std::int64_t x = 0;
  std::int64_t y = 0;
  if (a.is_number() && b.is_number()) {
    const bool divides = op == Operator::divide || op == Operator::floor_divide ||
                         op == Operator::modulo ||
                         (op == Operator::power && a.as_double() == 0 && b.as_double() < 0);
    if (divides && (op == Operator::power || b.as_double() == 0)) {
      fail(Code::invalid_argument, symbol(op), ": division by zero");
    }
    return a.as_index(x) && b.as_index(y) ? integers(op, x, y)
                                          : floats(op, a.as_double(), b.as_double());
  }
  if (op == Operator::add) return joined(machine, a, b);
  if (op == Operator::multiply) {
    if ((a.text() || is_list_or_tuple(a)) && b.as_index(y)) return repeat(machine, a, y);
    if ((b.text() || is_list_or_tuple(b)) && a.as_index(x)) return repeat(machine, b, x);
  }
  if (op == Operator::modulo && a.text()) fail(Code::unsupported, "formatting a string with %");
  fail_operands(symbol(op), a, b);
}

Value negative(const Value& value) {
  if (const double* number = value.number()) return -*number;
  std::int64_t index = 0;
  if (!value.as_index(index)) fail_operands("a sign", value, value);
  return integers(Operator::subtract, 0, index);
}

std::int64_t require_index(const Value& value, std::string_view what) {
  std::int64_t index = 0;
  if (!value.as_index(index))
    fail(Code::invalid_argument, what, " must be int, found ", value.type());
  return index;
}

const Text& require_text(const Value& value, std::string_view what) {
  if (!value.text()) fail(Code::invalid_argument, what, " must be str, found ", value.type());
  return *value.text();
}

}  // namespace loquor::jinja
