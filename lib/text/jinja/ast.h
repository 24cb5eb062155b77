// A parsed template: what its tags say, as data. Names are numbers into Program::names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "text/jinja/library.h"
#include "text/jinja/python.h"
#include "text/jinja/value.h"

namespace loquor::jinja {

using Symbol = std::size_t;

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

struct CallArguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr spread;        ///< `*spread`: more positional ones; may be null
  ExpressionPtr named_spread;  ///< `**named_spread`: more named ones; may be null
};

/// `| name(arguments)`
struct FilterUse {
  Function function;
  CallArguments arguments;
};

struct Constant {
  Value value;
};
struct Name {
  Symbol symbol;
};
struct ListDisplay {
  Sequence::Flavor flavor;
  std::vector<ExpressionPtr> items;
};
struct DictDisplay {
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> members;
};
struct Attribute {
  ExpressionPtr object;
  std::string name;
};
struct Item {
  ExpressionPtr object, key;
};
struct Slice {
  ExpressionPtr object, start, stop, step;  // a part that is not written is null
};
struct Call {
  ExpressionPtr callee;
  CallArguments arguments;
};
struct Filtered {
  ExpressionPtr object;
  FilterUse filter;
};
struct Tested {
  ExpressionPtr object;
  Test test;
  CallArguments arguments;
};
struct Not {
  ExpressionPtr operand;
};
struct Sign {
  ExpressionPtr operand;
  bool minus;
};
struct Arithmetic {
  Operator op;
  ExpressionPtr left, right;
};
struct Concatenation {
  std::vector<ExpressionPtr> parts;
};
struct Logical {
  bool is_and;
  ExpressionPtr left, right;
};
enum class Relation : std::uint8_t {
  equal,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in,
  not_in
};
struct Comparison {
  ExpressionPtr first;
  std::vector<std::pair<Relation, ExpressionPtr>> rest;
};
struct Conditional {
  ExpressionPtr condition, then, otherwise;  // otherwise may be null
};

struct Expression {
  int line;
  int depth;  ///< Levels of expressions below and at this one.
  std::variant<Constant, Name, ListDisplay, DictDisplay, Attribute, Item, Slice, Call, Filtered,
               Tested, Not, Sign, Arithmetic, Concatenation, Logical, Comparison, Conditional>
      node;
};

struct Statement;
using Body = std::vector<Statement>;

/// What an assignment or a `for` gives values to: a name, a member of a namespace, or several of
/// these.
struct Target {
  Symbol symbol = 0;
  std::string member;  ///< Of the namespace `symbol`, when not empty.
  bool unpacks = false;
  std::vector<Target> parts;  ///< When it unpacks.
};

struct Print {
  ExpressionPtr value;
};
struct If {
  std::vector<std::pair<ExpressionPtr, Body>> branches;
  Body otherwise;
};
struct For {
  Target target;
  ExpressionPtr items, condition;  // condition may be null
  Body body, otherwise;
};
struct Set {
  Target target;
  ExpressionPtr value;
};
struct SetBlock {
  Target target;
  std::vector<FilterUse> filters;
  Body body;
};
struct FilterBlock {
  std::vector<FilterUse> filters;
  Body body;
};
/// A body with a scope of its own: {% generation %}.
struct Block {
  Body body;
};
struct Macro {
  struct Parameter {
    Symbol symbol;
    std::string name;
    ExpressionPtr default_value;  // may be null
  };
  Symbol symbol = 0;
  std::string name;
  std::vector<Parameter> parameters;
  Body body;
  bool uses_caller = false;
};
struct MacroDefinition {
  std::unique_ptr<const Macro> macro;
};
/// {% call(parameters) callee(arguments) %}: the body becomes the macro `caller` of the called one.
struct CallBlock {
  std::unique_ptr<const Macro> caller;
  ExpressionPtr call;  // a Call
};
struct Jump {
  bool is_break;
};

struct Statement {
  int line;
  std::variant<Constant, Print, If, For, Set, SetBlock, FilterBlock, Block, MacroDefinition,
               CallBlock, Jump>
      node;
};

struct Program {
  std::vector<std::string> names;
  Body body;
  Symbol loop, caller;
};

/// Parses a template as transformers' environment does: trim_blocks, lstrip_blocks, no trailing
/// newline. Throws Error(invalid_file) for bad syntax and Error(unsupported) for what this engine
/// does not know, with the line.
Program parse(std::string_view source);

}  // namespace loquor::jinja
