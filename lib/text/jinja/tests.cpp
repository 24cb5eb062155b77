// Tests: what can stand after `is`.
// https://jinja.palletsprojects.com/en/3.1.x/templates/#builtin-tests
#include "base/error.h"
#include "text/jinja/library.h"
#include "text/jinja/python.h"
#include "text/jinja/strings.h"

namespace loquor::jinja {

namespace {

const Value& other(std::string_view name, const Arguments& arguments) {
  return *Bound(name, arguments, {"other"}, 1)[0];
}

// A test that looks at the value alone.
template <bool (*holds)(const Value&)>
bool plain(Machine&, const Value& value, const Arguments& arguments) {
  const Bound bound("the test", arguments, {});
  return holds(value);
}

bool defined(const Value& value) { return !value.is_undefined(); }
bool not_defined(const Value& value) { return value.is_undefined(); }
bool none(const Value& value) { return value.is_none(); }
bool boolean(const Value& value) { return value.boolean() != nullptr; }
bool is_true(const Value& value) { return value.boolean() && *value.boolean(); }
bool is_false(const Value& value) { return value.boolean() && !*value.boolean(); }
bool integer(const Value& value) { return value.integer() != nullptr; }
bool floating(const Value& value) { return value.number() != nullptr; }
bool number(const Value& value) { return value.is_number(); }
bool string(const Value& value) { return value.text() != nullptr; }
bool mapping(const Value& value) { return value.dictionary() != nullptr; }
bool iterable(const Value& value) { return is_iterable(value); }
bool callable(const Value& value) { return value.callable() != nullptr || value.is_undefined(); }

// What has a length and items by index: in Python that is an undefined value, too.
bool sequence(const Value& value) {
  return value.is_undefined() || value.text() || value.dictionary() ||
         (value.sequence() && value.sequence()->flavor <= Sequence::Flavor::range);
}

bool lower(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("lower", arguments, {});
  return is_case(str(machine, value).view(), false);
}

bool upper(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("upper", arguments, {});
  return is_case(str(machine, value).view(), true);
}

bool even(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("even", arguments, {});
  return !truth(arithmetic(machine, Operator::modulo, value, std::int64_t{2}));
}

bool odd(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("odd", arguments, {});
  return equal(machine, arithmetic(machine, Operator::modulo, value, std::int64_t{2}),
               std::int64_t{1});
}

bool divisible_by(Machine& machine, const Value& value, const Arguments& arguments) {
  const Bound bound("divisibleby", arguments, {"num"}, 1);
  return !truth(arithmetic(machine, Operator::modulo, value, *bound[0]));
}

bool in(Machine& machine, const Value& value, const Arguments& arguments) {
  return contains(machine, other("in", arguments), value);
}

bool same_as(Machine&, const Value& value, const Arguments& arguments) {
  return value.same(other("sameas", arguments));
}

bool eq(Machine& machine, const Value& value, const Arguments& arguments) {
  return equal(machine, value, other("eq", arguments));
}

bool ne(Machine& machine, const Value& value, const Arguments& arguments) {
  return !equal(machine, value, other("ne", arguments));
}

bool lt(Machine& machine, const Value& value, const Arguments& arguments) {
  return less(machine, value, other("lt", arguments));
}

bool le(Machine& machine, const Value& value, const Arguments& arguments) {
  return less_or_equal(machine, value, other("le", arguments));
}

bool gt(Machine& machine, const Value& value, const Arguments& arguments) {
  return less(machine, other("gt", arguments), value);
}

bool ge(Machine& machine, const Value& value, const Arguments& arguments) {
  return less_or_equal(machine, other("ge", arguments), value);
}

constexpr Named<Test> kTests[] = {
    {"boolean", plain<boolean>},
    {"callable", plain<callable>},
    {"defined", plain<defined>},
    {"divisibleby", divisible_by},
    {"even", even},
    {"false", plain<is_false>},
    {"float", plain<floating>},
    {"in", in},
    {"integer", plain<integer>},
    {"iterable", plain<iterable>},
    {"lower", lower},
    {"mapping", plain<mapping>},
    {"none", plain<none>},
    {"number", plain<number>},
    {"odd", odd},
    {"sameas", same_as},
    {"sequence", plain<sequence>},
    {"string", plain<string>},
    {"true", plain<is_true>},
    {"undefined", plain<not_defined>},
    {"upper", upper},
    {"==", eq},
    {"eq", eq},
    {"equalto", eq},
    {"!=", ne},
    {"ne", ne},
    {"<", lt},
    {"lt", lt},
    {"lessthan", lt},
    {"<=", le},
    {"le", le},
    {">", gt},
    {"gt", gt},
    {"greaterthan", gt},
    {">=", ge},
    {"ge", ge},
};

}  // namespace

Test find_test(std::string_view name) { return find(kTests, name); }

}  // namespace loquor::jinja
