// Evaluates the expressions of a template.
#pragma once

#include <span>
#include <vector>

#include "text/jinja/interpreter.h"
#include "text/jinja/scope.h"

namespace loquor::jinja {

class Evaluator {
 public:
  static constexpr int kMaxDepth = 500;

  Evaluator(const Program& program, std::span<const Variable> variables);
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

 protected:
  /// Counts the levels of what is being run, while it lives; throws Error(unsupported) past
  /// kMaxDepth.
  class Level {
   public:
    explicit Level(Evaluator& evaluator);
    ~Level() { --evaluator_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Evaluator& evaluator_;
  };

  ~Evaluator() = default;
  virtual Value call_macro(const Callable& callable, const Arguments& arguments) = 0;

  Value evaluate(const Expression& expression, Scope& scope);
  Arguments evaluated(const CallArguments& arguments, Scope& scope);
  Value invoke(const Value& callee, const Arguments& arguments);
  Value look_up(Symbol symbol, Scope& scope);

  Machine machine_;  // first: it outlives every value
  const Program& program_;
  int line_ = 1;

 private:
  Value eval(const Constant& constant, Scope&) { return constant.value; }
  Value eval(const Name& name, Scope& scope) { return look_up(name.symbol, scope); }
  Value eval(const ListDisplay& display, Scope& scope);
  Value eval(const DictDisplay& display, Scope& scope);
  Value eval(const Attribute& member, Scope& scope);
  Value eval(const Item& member, Scope& scope);
  Value eval(const Slice& part, Scope& scope);
  Value eval(const Call& call, Scope& scope);
  Value eval(const Filtered& use, Scope& scope);
  Value eval(const Tested& use, Scope& scope);
  Value eval(const Not& negation, Scope& scope);
  Value eval(const Sign& sign, Scope& scope);
  Value eval(const Arithmetic& operation, Scope& scope);
  Value eval(const Concatenation& texts, Scope& scope);
  Value eval(const Logical& operation, Scope& scope);
  Value eval(const Comparison& chain, Scope& scope);
  Value eval(const Conditional& choice, Scope& scope);
  bool holds(Relation relation, const Value& left, const Value& right);

  int depth_ = 0;
  std::vector<Value> globals_;  // by symbol: the variables given, and functions
};

}  // namespace loquor::jinja
