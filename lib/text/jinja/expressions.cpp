// The grammar of expressions, as Jinja2 has it:
// https://jinja.palletsprojects.com/en/3.1.x/templates/#expressions
#include <algorithm>
#include <charconv>

#include "text/jinja/parser.h"

namespace loquor::jinja {

namespace {

int deepest(const std::vector<ExpressionPtr>& expressions) {
  int depth = 0;
  for (const ExpressionPtr& each : expressions) depth = std::max(depth, each->depth);
  return depth;
}

int deepest(const CallArguments& arguments) {
  int depth = deepest(arguments.positional);
  for (const auto& named : arguments.named) depth = std::max(depth, named.second->depth);
  for (const ExpressionPtr* spread : {&arguments.spread, &arguments.named_spread}) {
    if (*spread) depth = std::max(depth, (*spread)->depth);
  }
  return depth;
}

}  // namespace

template <class Node>
ExpressionPtr Parser::make(int line, Node node, std::initializer_list<const Expression*> children) {
  int depth = 0;
  for (const Expression* child : children) {
    if (child) depth = std::max(depth, child->depth);
  }
  if constexpr (requires { node.arguments; }) depth = std::max(depth, deepest(node.arguments));
  if constexpr (requires { node.filter; }) depth = std::max(depth, deepest(node.filter.arguments));
  if (depth >= kMaxDepth)
    fail_at(line, Code::unsupported, "an expression deeper than ", kMaxDepth, " levels");
  return ExpressionPtr(new Expression{line, depth + 1, std::move(node)});
}

ExpressionPtr Parser::expression() {
  const Level level(*this);
  const int at = line();
  ExpressionPtr value = either();
  while (skip_word("if")) {
    ExpressionPtr condition = either();
    ExpressionPtr otherwise = skip_word("else") ? expression() : nullptr;
    const auto children = {condition.get(), value.get(), otherwise.get()};
    value = make(at, Conditional{std::move(condition), std::move(value), std::move(otherwise)},
                 children);
  }
  return value;
}

ExpressionPtr Parser::without_condition() {
  const Level level(*this);
  return either();
}

ExpressionPtr Parser::tuple(bool with_condition, std::string_view end_word) {
  const int at = line();
  const auto at_end = [&] {
    return token().kind == Kind::print_end || token().kind == Kind::block_end || is_symbol(")") ||
           (!end_word.empty() && is_word(end_word));
  };
  std::vector<ExpressionPtr> items;
  items.push_back(with_condition ? expression() : without_condition());
  if (!is_symbol(",")) return std::move(items[0]);
  while (skip_symbol(",") && !at_end())
    items.push_back(with_condition ? expression() : without_condition());
  const auto* deep =
      std::max_element(items.data(), items.data() + items.size(), [](const auto& a, const auto& b) {
        return a->depth < b->depth;
      })->get();
  return make(at, ListDisplay{Sequence::Flavor::tuple, std::move(items)}, {deep});
}

ExpressionPtr Parser::either() {
  const int at = line();
  ExpressionPtr left = both();
  while (skip_word("or")) {
    ExpressionPtr right = both();
    const auto children = {left.get(), right.get()};
    left = make(at, Logical{false, std::move(left), std::move(right)}, children);
  }
  return left;
}

ExpressionPtr Parser::both() {
  const int at = line();
  ExpressionPtr left = negation();
  while (skip_word("and")) {
    ExpressionPtr right = negation();
    const auto children = {left.get(), right.get()};
    left = make(at, Logical{true, std::move(left), std::move(right)}, children);
  }
  return left;
}

ExpressionPtr Parser::negation() {
  const int at = line();
  if (!skip_word("not")) return comparison();
  const Level level(*this);
  ExpressionPtr operand = negation();
  const auto* child = operand.get();
  return make(at, Not{std::move(operand)}, {child});
}

bool Parser::relation(Relation& found) {
  static constexpr std::pair<std::string_view, Relation> kRelations[] = {
      {"==", Relation::equal},  {"!=", Relation::unequal},
      {"<", Relation::less},    {"<=", Relation::less_or_equal},
      {">", Relation::greater}, {">=", Relation::greater_or_equal}};
  for (const auto& [text, meant] : kRelations) {
    if (skip_symbol(text)) {
      found = meant;
      return true;
    }
  }
  if (skip_word("in")) {
    found = Relation::in;
    return true;
  }
  if (is_word("not") && ahead().kind == Kind::name && ahead().text == "in") {
    take();
    take();
    found = Relation::not_in;
    return true;
  }
  return false;
}

ExpressionPtr Parser::comparison() {
  const int at = line();
  Comparison comparison{sum(), {}};
  const Expression* deep = comparison.first.get();
  for (Relation found{}; relation(found);) {
    comparison.rest.emplace_back(found, sum());
    if (comparison.rest.back().second->depth > deep->depth)
      deep = comparison.rest.back().second.get();
  }
  if (comparison.rest.empty()) return std::move(comparison.first);
  return make(at, std::move(comparison), {deep});
}

ExpressionPtr Parser::sum() {
  const int at = line();
  ExpressionPtr left = concatenation();
  while (is_symbol("+") || is_symbol("-")) {
    const Operator op = take().text == "+" ? Operator::add : Operator::subtract;
    ExpressionPtr right = concatenation();
    const auto children = {left.get(), right.get()};
    left = make(at, Arithmetic{op, std::move(left), std::move(right)}, children);
  }
  return left;
}

ExpressionPtr Parser::concatenation() {
  const int at = line();
  std::vector<ExpressionPtr> parts;
  parts.push_back(product());
  const Expression* deep = parts[0].get();
  while (skip_symbol("~")) {
    parts.push_back(product());
    if (parts.back()->depth > deep->depth) deep = parts.back().get();
  }
  if (parts.size() == 1) return std::move(parts[0]);
  return make(at, Concatenation{std::move(parts)}, {deep});
}

ExpressionPtr Parser::product() {
  static constexpr std::pair<std::string_view, Operator> kOperators[] = {
      {"*", Operator::multiply},
      {"/", Operator::divide},
      {"//", Operator::floor_divide},
      {"%", Operator::modulo}};
  const int at = line();
  ExpressionPtr left = power();
  for (;;) {
    const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                     [this](const auto& each) { return is_symbol(each.first); });
    if (found == std::end(kOperators)) return left;
    take();
    ExpressionPtr right = power();
    const auto children = {left.get(), right.get()};
    left = make(at, Arithmetic{found->second, std::move(left), std::move(right)}, children);
  }
}

ExpressionPtr Parser::power() {
  const int at = line();
  ExpressionPtr left = sign(true);
  while (skip_symbol("**")) {
    ExpressionPtr right = sign(true);
    const auto children = {left.get(), right.get()};
    left = make(at, Arithmetic{Operator::power, std::move(left), std::move(right)}, children);
  }
  return left;
}

ExpressionPtr Parser::sign(bool with_filters) {
  const int at = line();
  ExpressionPtr value;
  if (is_symbol("-") || is_symbol("+")) {
    const Level level(*this);
    const bool minus = take().text == "-";
    ExpressionPtr operand = sign(false);
    const auto* child = operand.get();
    value = make(at, Sign{std::move(operand), minus}, {child});
  } else {
    value = primary();
  }
  value = postfix(std::move(value));
  return with_filters ? filters_and_tests(std::move(value)) : std::move(value);
}

ExpressionPtr Parser::primary() {
  switch (token().kind) {
    case Kind::name:
      return name();
    case Kind::string:
      return text();
    case Kind::integer:
    case Kind::number:
      return number();
    default:
      break;
  }
  if (is_symbol("[")) return list();
  if (is_symbol("{")) return dict();
  if (!is_symbol("(")) fail_expected("an expression");
  const int at = take().line;
  if (skip_symbol(")")) return make(at, ListDisplay{Sequence::Flavor::tuple, {}}, {});
  ExpressionPtr value = tuple(true);
  expect_symbol(")");
  return value;
}

ExpressionPtr Parser::name() {
  const int at = line();
  const std::string& word = take().text;
  if (word == "true" || word == "True") return make(at, Constant{true}, {});
  if (word == "false" || word == "False") return make(at, Constant{false}, {});
  if (word == "none" || word == "None") return make(at, Constant{None{}}, {});
  const Symbol symbol = intern(word);
  const bool parameter = std::find(macro_parameters_.begin(), macro_parameters_.end(), symbol) !=
                         macro_parameters_.end();
  if (in_macro_ && !parameter && (word == "varargs" || word == "kwargs")) {
    fail_at(at, Code::unsupported, "`", word, "` of a macro");
  }
  if (is_foreign_global(word) && is_symbol("("))
    fail_at(at, Code::unsupported, "the function ", quoted(word));
  if (word == "caller") uses_caller_ = true;
  return make(at, Name{symbol}, {});
}

ExpressionPtr Parser::text() {
  const int at = line();
  std::string joined = take().text;
  while (token().kind == Kind::string) joined += take().text;
  return make(at, Constant{constant(Text(std::move(joined), true))}, {});
}

ExpressionPtr Parser::number() {
  const int at = line();
  const bool whole = token().kind == Kind::integer;
  const std::string& digits = take().text;
  std::int64_t integer = 0;
  double floating = 0;
  const char* end = digits.data() + digits.size();
  const auto error = whole ? std::from_chars(digits.data(), end, integer).ec
                           : std::from_chars(digits.data(), end, floating).ec;
  if (error != std::errc()) fail_at(at, Code::unsupported, "the number ", quoted(digits));
  return make(at, Constant{whole ? Value(integer) : Value(floating)}, {});
}

ExpressionPtr Parser::list() {
  const int at = take().line;
  std::vector<ExpressionPtr> items;
  const Expression* deep = nullptr;
  while (!is_symbol("]")) {
    if (!items.empty()) expect_symbol(",");
    if (is_symbol("]")) break;
    items.push_back(expression());
    if (!deep || items.back()->depth > deep->depth) deep = items.back().get();
  }
  expect_symbol("]");
  return make(at, ListDisplay{Sequence::Flavor::list, std::move(items)}, {deep});
}

ExpressionPtr Parser::dict() {
  const int at = take().line;
  DictDisplay dict;
  const Expression* deep = nullptr;
  while (!is_symbol("}")) {
    if (!dict.members.empty()) expect_symbol(",");
    if (is_symbol("}")) break;
    ExpressionPtr key = expression();
    expect_symbol(":");
    ExpressionPtr value = expression();
    for (const Expression* each : {key.get(), value.get()}) {
      if (!deep || each->depth > deep->depth) deep = each;
    }
    dict.members.emplace_back(std::move(key), std::move(value));
  }
  expect_symbol("}");
  return make(at, std::move(dict), {deep});
}

ExpressionPtr Parser::postfix(ExpressionPtr value) {
  for (;;) {
    if (is_symbol(".") || is_symbol("[")) {
      value = subscript(std::move(value));
    } else if (is_symbol("(")) {
      value = call(std::move(value));
    } else {
      return value;
    }
  }
}

ExpressionPtr Parser::filters_and_tests(ExpressionPtr value) {
  for (;;) {
    const auto* child = value.get();
    const int at = line();
    if (skip_symbol("|")) {
      FilterUse use = filter_use();
      value = make(at, Filtered{std::move(value), std::move(use)}, {child});
    } else if (skip_word("is")) {
      value = test(std::move(value));
    } else if (is_symbol("(")) {
      value = call(std::move(value));
    } else {
      return value;
    }
  }
}

FilterUse Parser::filter_use() {
  const int at = line();
  const std::string filter = take_name("the name of a filter");
  const Function function = find_filter(filter);
  if (!function || is_symbol(".")) fail_at(at, Code::unsupported, "the filter ", quoted(filter));
  FilterUse use{function, {}};
  if (is_symbol("(")) use.arguments = call_arguments();
  return use;
}

ExpressionPtr Parser::test(ExpressionPtr value) {
  const int at = line();
  const bool negated = skip_word("not");
  const std::string name = take_name("the name of a test");
  const Test found = find_test(name);
  if (!found || is_symbol(".")) fail_at(at, Code::unsupported, "the test ", quoted(name));
  Tested tested{std::move(value), found, {}};
  const bool operand = token().kind == Kind::name || token().kind == Kind::string ||
                       token().kind == Kind::integer || token().kind == Kind::number ||
                       is_symbol("[") || is_symbol("{");
  if (is_symbol("(")) {
    tested.arguments = call_arguments();
  } else if (operand && !is_word("else") && !is_word("or") && !is_word("and")) {
    if (is_word("is")) fail_at(line(), Code::invalid_file, "tests cannot be chained with `is`");
    const Level level(*this);
    tested.arguments.positional.push_back(postfix(primary()));
  }
  const auto* child = tested.object.get();
  ExpressionPtr result = make(at, std::move(tested), {child});
  if (!negated) return result;
  const auto* inner = result.get();
  return make(at, Not{std::move(result)}, {inner});
}

ExpressionPtr Parser::subscript(ExpressionPtr value) {
  const int at = line();
  const auto* object = value.get();
  if (skip_symbol(".")) {
    if (token().kind == Kind::integer) {
      ExpressionPtr key = number();
      return make(at, Item{std::move(value), std::move(key)}, {object});
    }
    return make(at, Attribute{std::move(value), take_name("a name or number after '.'")}, {object});
  }
  expect_symbol("[");
  const auto part = [this]() -> ExpressionPtr {
    return is_symbol(":") || is_symbol("]") || is_symbol(",") ? nullptr : expression();
  };
  ExpressionPtr first = part();
  if (first && skip_symbol("]")) {
    const auto* key = first.get();
    return make(at, Item{std::move(value), std::move(first)}, {object, key});
  }
  if (is_symbol(",")) fail_at(at, Code::unsupported, "several items within []");
  if (!first && is_symbol("]")) fail_expected("an expression");
  Slice slice{std::move(value), std::move(first), nullptr, nullptr};
  expect_symbol(":");
  slice.stop = part();
  if (skip_symbol(":")) slice.step = part();
  expect_symbol("]");
  const auto children = {object, slice.start.get(), slice.stop.get(), slice.step.get()};
  return make(at, std::move(slice), children);
}

ExpressionPtr Parser::call(ExpressionPtr callee) {
  const int at = line();
  const auto* child = callee.get();
  CallArguments arguments = call_arguments();
  return make(at, Call{std::move(callee), std::move(arguments)}, {child});
}

CallArguments Parser::call_arguments() {
  CallArguments arguments;
  expect_symbol("(");
  for (bool first = true; !is_symbol(")"); first = false) {
    if (!first) {
      expect_symbol(",");
      if (is_symbol(")")) break;
    }
    if (arguments.named_spread || (arguments.spread && !is_symbol("**") && ahead().text != "=")) {
      fail_at(line(), Code::invalid_file, "an argument after * or **");
    }
    if (skip_symbol("*")) {
      arguments.spread = expression();
      continue;
    }
    if (skip_symbol("**")) {
      arguments.named_spread = expression();
      continue;
    }
    if (token().kind == Kind::name && ahead().kind == Kind::symbol && ahead().text == "=") {
      std::string name = take().text;
      take();
      arguments.named.emplace_back(std::move(name), expression());
    } else if (!arguments.named.empty()) {
      fail_at(line(), Code::invalid_file, "a positional argument after a named one");
    } else {
      arguments.positional.push_back(expression());
    }
  }
  expect_symbol(")");
  return arguments;
}

}  // namespace loquor::jinja
