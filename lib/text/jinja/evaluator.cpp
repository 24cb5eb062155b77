#include "text/jinja/evaluator.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"

namespace loquor::jinja {

Evaluator::Level::Level(Evaluator& evaluator) : evaluator_(evaluator) {
  if (evaluator_.depth_ == kMaxDepth)
    fail(Code::unsupported, "a render nested deeper than ", kMaxDepth, " levels");
  ++evaluator_.depth_;
}

Evaluator::Evaluator(const Program& program, std::span<const Variable> variables)
    : program_(program) {
  std::unordered_map<std::string_view, const Value*> by_name;
  for (const auto& [name, value] : variables) by_name[name] = &value;
  globals_.reserve(program.names.size());
  for (const std::string& name : program.names) {
    if (const auto found = by_name.find(name); found != by_name.end()) {
      globals_.push_back(*found->second);
    } else if (const Function function = find_global(name)) {
      globals_.emplace_back(std::shared_ptr<const Callable>(new Callable{name, function, {}}));
    } else {
      globals_.push_back(undefined(quoted(name) + " is undefined"));
    }
  }
}

Value Evaluator::look_up(Symbol symbol, Scope& scope) {
  for (Scope* at = &scope; at; at = at->parent) {
    if (const Value* found = at->find(symbol)) return *found;
  }
  return globals_[symbol];
}

Value Evaluator::evaluate(const Expression& expression, Scope& scope) {
  const Level level(*this);
  machine_.step();
  line_ = expression.line;
  return std::visit([&](const auto& node) { return eval(node, scope); }, expression.node);
}

Value Evaluator::eval(const ListDisplay& display, Scope& scope) {
  std::vector<Value> items;
  items.reserve(display.items.size());
  for (const ExpressionPtr& each : display.items) items.push_back(evaluate(*each, scope));
  return machine_.sequence(display.flavor, std::move(items));
}

Value Evaluator::eval(const DictDisplay& display, Scope& scope) {
  const auto dict = machine_.dictionary();
  for (const auto& [key, value] : display.members) {
    Value name = evaluate(*key, scope);
    dict->set(machine_, std::move(name), evaluate(*value, scope));
  }
  return Value(std::shared_ptr<const Dictionary>(dict));
}

Value Evaluator::eval(const Attribute& member, Scope& scope) {
  return attribute(machine_, evaluate(*member.object, scope), member.name);
}

Value Evaluator::eval(const Item& member, Scope& scope) {
  const Value object = evaluate(*member.object, scope);
  return item(machine_, object, evaluate(*member.key, scope));
}

Value Evaluator::eval(const Slice& part, Scope& scope) {
  const Value object = evaluate(*part.object, scope);
  const auto bound = [&](const ExpressionPtr& written) -> std::optional<Value> {
    if (!written) return std::nullopt;
    return evaluate(*written, scope);
  };
  SliceParts parts;
  parts.start = bound(part.start);
  parts.stop = bound(part.stop);
  parts.step = bound(part.step);
  return slice(machine_, object, parts);
}

Arguments Evaluator::evaluated(const CallArguments& arguments, Scope& scope) {
  Arguments out;
  out.positional.reserve(arguments.positional.size());
  for (const ExpressionPtr& each : arguments.positional) {
    out.positional.push_back(evaluate(*each, scope));
  }
  for (const auto& [name, value] : arguments.named) {
    out.named.emplace_back(name, evaluate(*value, scope));
  }
  if (arguments.spread) {
    const Items more = iterate(machine_, evaluate(*arguments.spread, scope));
    machine_.step(more.size());
    out.positional.insert(out.positional.end(), more.begin(), more.end());
  }
  if (arguments.named_spread) {
    out.names = evaluate(*arguments.named_spread, scope);
    const Dictionary* dict = out.names.dictionary();
    if (!dict) fail(Code::invalid_argument, "** needs a dict, found ", out.names.type());
    for (const auto& [key, value] : dict->members()) {
      out.named.emplace_back(require_text(key, "a key of **").view(), value);
    }
    machine_.step(dict->members().size());
  }
  return out;
}

Value Evaluator::invoke(const Value& callee, const Arguments& arguments) {
  if (callee.undefined())
    fail(Code::invalid_argument, *callee.undefined()->why, ", so it cannot be called");
  const Callable* callable = callee.callable();
  if (!callable) fail(Code::invalid_argument, "a ", callee.type(), " cannot be called");
  return callable->macro ? call_macro(*callable, arguments)
                         : callable->function(machine_, callable->self, arguments);
}

Value Evaluator::eval(const Call& call, Scope& scope) {
  const int line = line_;
  const Value callee = evaluate(*call.callee, scope);
  const Arguments arguments = evaluated(call.arguments, scope);
  line_ = line;
  return invoke(callee, arguments);
}

Value Evaluator::eval(const Filtered& use, Scope& scope) {
  const int line = line_;
  const Value object = evaluate(*use.object, scope);
  const Arguments arguments = evaluated(use.filter.arguments, scope);
  line_ = line;
  return use.filter.function(machine_, object, arguments);
}

Value Evaluator::eval(const Tested& use, Scope& scope) {
  const Value object = evaluate(*use.object, scope);
  return use.test(machine_, object, evaluated(use.arguments, scope));
}

Value Evaluator::eval(const Not& negation, Scope& scope) {
  return !truth(evaluate(*negation.operand, scope));
}

Value Evaluator::eval(const Sign& sign, Scope& scope) {
  const Value operand = evaluate(*sign.operand, scope);
  const Value negated = negative(operand);
  return sign.minus ? negated : negative(negated);
}

Value Evaluator::eval(const Arithmetic& operation, Scope& scope) {
  const Value left = evaluate(*operation.left, scope);
  return arithmetic(machine_, operation.op, left, evaluate(*operation.right, scope));
}

Value Evaluator::eval(const Concatenation& texts, Scope& scope) {
  Text out;
  for (const ExpressionPtr& part : texts.parts) append_str(machine_, out, evaluate(*part, scope));
  return machine_.string(std::move(out));
}

Value Evaluator::eval(const Logical& operation, Scope& scope) {
  Value left = evaluate(*operation.left, scope);
  return truth(left) == operation.is_and ? evaluate(*operation.right, scope) : left;
}

bool Evaluator::holds(Relation relation, const Value& left, const Value& right) {
  switch (relation) {
    case Relation::equal:
      return equal(machine_, left, right);
    case Relation::unequal:
      return !equal(machine_, left, right);
    case Relation::less:
      return less(machine_, left, right);
    case Relation::less_or_equal:
      return less_or_equal(machine_, left, right);
    case Relation::greater:
      return less(machine_, right, left);
    case Relation::greater_or_equal:
      return less_or_equal(machine_, right, left);
    case Relation::in:
      return contains(machine_, right, left);
    case Relation::not_in:
      return !contains(machine_, right, left);
  }
  return false;
}

Value Evaluator::eval(const Comparison& chain, Scope& scope) {
  Value left = evaluate(*chain.first, scope);
  for (const auto& [relation, operand] : chain.rest) {
    Value right = evaluate(*operand, scope);
    if (!holds(relation, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value Evaluator::eval(const Conditional& choice, Scope& scope) {
  if (truth(evaluate(*choice.condition, scope))) return evaluate(*choice.then, scope);
  if (choice.otherwise) return evaluate(*choice.otherwise, scope);
  return undefined("an `if` without `else` in an expression");
}

}  // namespace loquor::jinja
