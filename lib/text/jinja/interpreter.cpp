#include "text/jinja/interpreter.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "text/jinja/evaluator.h"

namespace loquor::jinja {

namespace {

enum class Flow : std::uint8_t { onward, next_pass, out_of_loop };

class Interpreter : private Evaluator {
 public:
  Interpreter(const Program& program, std::span<const Variable> variables)
      : Evaluator(program, variables) {}

  Text run() {
    try {
      Output out(machine_);
      Scope& root = open_scope(nullptr);
      execute(program_.body, root, out);
      return std::move(out.text);
    } catch (const Raised& raised) {
      throw Error(raised.code(), raised.what());
    } catch (const Error& error) {
      fail(error.code(), "chat template line ", line_, ": ", std::string_view(error.what()));
    }
  }

 private:
  // Text being written, which counts against the limits already while it grows.
  struct Output {
    explicit Output(Machine& machine) : charge(&machine, 0) {}
    Text text;
    Charge charge;
  };

  Value captured(Output& out) { return machine_.string(std::move(out.text)); }

  void write(Output& out, const Value& value) {
    const std::size_t before = out.text.size();
    append_str(machine_, out.text, value);
    out.charge.grow(out.text.size() - before);
  }

  Flow execute(const Body& body, Scope& scope, Output& out) {
    for (const Statement& statement : body) {
      machine_.step();
      line_ = statement.line;
      const Flow flow =
          std::visit([&](const auto& node) { return run(node, scope, out); }, statement.node);
      if (flow != Flow::onward) return flow;
    }
    return Flow::onward;
  }

  Flow run(const Constant& data, Scope&, Output& out) {
    write(out, data.value);
    return Flow::onward;
  }

  Flow run(const Print& print, Scope& scope, Output& out) {
    write(out, evaluate(*print.value, scope));
    return Flow::onward;
  }

  Flow run(const If& choice, Scope& scope, Output& out) {
    const Level level(*this);
    for (const auto& [condition, body] : choice.branches) {
      if (truth(evaluate(*condition, scope))) return execute(body, scope, out);
    }
    return execute(choice.otherwise, scope, out);
  }

  Flow run(const For& loop, Scope& scope, Output& out) {
    const Level level(*this);
    const auto state = std::make_shared<Loop>();
    state->items = iterate(machine_, evaluate(*loop.items, scope)).sequence();
    if (loop.condition) state->items = passing(loop, scope, *state->items);
    state->depth = enclosing_loops(scope) + 1;
    bool otherwise = true;  // as Jinja2 compiles it: until a pass reaches the end of the body
    for (; state->index < state->items->items.size(); ++state->index) {
      machine_.step();
      const Flow flow = in_scope(scope, [&](Scope& inner) {
        inner.set(program_.loop, Value(std::shared_ptr<const Loop>(state)));
        assign(loop.target, state->items->items[state->index], inner);
        return execute(loop.body, inner, out);
      });
      if (flow == Flow::out_of_loop) break;
      if (flow == Flow::onward) otherwise = false;
    }
    if (!otherwise) return Flow::onward;
    return in_scope(scope, [&](Scope& inner) { return execute(loop.otherwise, inner, out); });
  }

  // The items for which the loop's condition holds.
  Value::SequencePtr passing(const For& loop, Scope& scope, const Sequence& items) {
    std::vector<Value> kept;
    for (const Value& item : items.items) {
      machine_.step();
      in_scope(scope, [&](Scope& inner) {
        assign(loop.target, item, inner);
        if (truth(evaluate(*loop.condition, inner))) kept.push_back(item);
        return Flow::onward;
      });
    }
    return machine_.list(std::move(kept)).shared_sequence();
  }

  std::int64_t enclosing_loops(Scope& scope) const {
    for (Scope* at = &scope; at; at = at->parent) {
      if (const Value* found = at->find(program_.loop); found && found->loop())
        return found->loop()->depth;
    }
    return 0;
  }

  Flow run(const Set& set, Scope& scope, Output&) {
    assign(set.target, evaluate(*set.value, scope), scope);
    return Flow::onward;
  }

  Flow run(const SetBlock& set, Scope& scope, Output&) {
    const Level level(*this);
    Output inner_out(machine_);
    const Flow flow =
        in_scope(scope, [&](Scope& inner) { return execute(set.body, inner, inner_out); });
    if (flow != Flow::onward) return flow;
    assign(set.target, filtered(captured(inner_out), set.filters, scope), scope);
    return Flow::onward;
  }

  Flow run(const FilterBlock& block, Scope& scope, Output& out) {
    const Level level(*this);
    Output inner_out(machine_);
    const Flow flow =
        in_scope(scope, [&](Scope& inner) { return execute(block.body, inner, inner_out); });
    if (flow != Flow::onward) return flow;
    write(out, filtered(captured(inner_out), block.filters, scope));
    return Flow::onward;
  }

  Flow run(const Block& block, Scope& scope, Output& out) {
    const Level level(*this);
    return in_scope(scope, [&](Scope& inner) { return execute(block.body, inner, out); });
  }

  Flow run(const MacroDefinition& definition, Scope& scope, Output&) {
    scope.set(definition.macro->symbol, closure(*definition.macro, scope));
    return Flow::onward;
  }

  Flow run(const CallBlock& block, Scope& scope, Output& out) {
    const Level level(*this);
    const Call& call = std::get<Call>(block.call->node);
    const Value callee = evaluate(*call.callee, scope);
    Arguments arguments = evaluated(call.arguments, scope);
    arguments.named.emplace_back("caller", closure(*block.caller, scope));
    write(out, invoke(callee, arguments));
    return Flow::onward;
  }

  static Flow run(const Jump& jump, Scope&, Output&) {
    return jump.is_break ? Flow::out_of_loop : Flow::next_pass;
  }

  Value filtered(Value value, const std::vector<FilterUse>& filters, Scope& scope) {
    for (const FilterUse& filter : filters) {
      value = filter.function(machine_, value, evaluated(filter.arguments, scope));
    }
    return value;
  }

  // A macro with the scope that it sees, which must then live as long as the macro may.
  Value closure(const Macro& macro, Scope& scope) {
    for (Scope* at = &scope; at && !at->captured; at = at->parent) at->captured = true;
    machine_.step(16);
    return Value(
        std::shared_ptr<const Callable>(new Callable{macro.name, nullptr, {}, &macro, &scope}));
  }

  Value call_macro(const Callable& callable, const Arguments& arguments) override {
    const Level level(*this);
    const Macro& macro = *callable.macro;
    if (arguments.positional.size() > macro.parameters.size()) {
      fail(Code::invalid_argument, "macro ", macro.name, " takes at most ", macro.parameters.size(),
           " arguments, found ", arguments.positional.size());
    }
    Output out(machine_);
    in_scope(*callable.scope, [&](Scope& scope) {
      bind(macro, arguments, scope);
      return execute(macro.body, scope, out);
    });
    return captured(out);
  }

  void bind(const Macro& macro, const Arguments& arguments, Scope& scope) {
    std::size_t used = 0;  // named arguments that found their parameter
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
      const auto& parameter = macro.parameters[i];
      const auto named =
          std::find_if(arguments.named.begin(), arguments.named.end(),
                       [&](const auto& argument) { return argument.first == parameter.name; });
      if (i < arguments.positional.size()) {
        scope.set(parameter.symbol, arguments.positional[i]);
      } else if (named != arguments.named.end()) {
        scope.set(parameter.symbol, named->second);
        ++used;
      } else {
        scope.set(parameter.symbol,
                  undefined(text("parameter ", quoted(parameter.name), " was not provided")));
        if (parameter.default_value) {
          scope.set(parameter.symbol, evaluate(*parameter.default_value, scope));
        }
      }
    }
    for (const auto& [name, value] : arguments.named) {
      if (name != "caller" || !macro.uses_caller || scope.find(program_.caller)) continue;
      scope.set(program_.caller, value);
      ++used;
    }
    if (macro.uses_caller && !scope.find(program_.caller))
      scope.set(program_.caller, undefined("no caller defined"));
    if (used != arguments.named.size()) {
      fail(Code::invalid_argument, "macro ", macro.name,
           " is given a named argument that it does not take, or twice");
    }
  }

  Scope& open_scope(Scope* parent) {
    scopes_.push_back(std::make_unique<Scope>(parent));
    return *scopes_.back();
  }

  // Runs `inside` in a new scope, which goes afterwards unless a macro still needs it.
  template <class Inside>
  Flow in_scope(Scope& parent, const Inside& inside) {
    Scope& scope = open_scope(&parent);
    const Flow flow = inside(scope);
    if (scope.captured) {
      kept_.push_back(std::move(scopes_.back()));
    }
    scopes_.pop_back();
    return flow;
  }

  void assign(const Target& target, const Value& value, Scope& scope) {
    if (target.unpacks) {
      unpack(target, value, scope);
    } else if (target.member.empty()) {
      scope.set(target.symbol, value);
    } else {
      const Value holder = look_up(target.symbol, scope);
      if (!holder.name_space()) {
        fail(Code::invalid_argument, quoted(program_.names[target.symbol]),
             " is no namespace whose member can be set, but ", holder.type());
      }
      holder.name_space()->set(target.member, value);
    }
  }

  void unpack(const Target& target, const Value& value, Scope& scope) {
    const Items items = iterate(machine_, value);
    if (items.size() != target.parts.size()) {
      fail(Code::invalid_argument, "cannot unpack ", items.size(), " values into ",
           target.parts.size(), " names");
    }
    for (std::size_t i = 0; i < items.size(); ++i) assign(target.parts[i], items[i], scope);
  }

  std::vector<std::unique_ptr<Scope>> scopes_;  // those open now, the innermost last
  std::vector<std::unique_ptr<Scope>> kept_;
};

}  // namespace

Text render(const Program& program, std::span<const Variable> variables) {
  return Interpreter(program, variables).run();
}

}  // namespace loquor::jinja
