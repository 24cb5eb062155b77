// The variables of a running template: one scope a loop's pass, macro call or captured block.
#pragma once

#include <utility>
#include <vector>

#include "text/jinja/ast.h"

namespace loquor::jinja {

struct Scope {
  explicit Scope(Scope* parent_scope) : parent(parent_scope) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  Value* find(Symbol symbol) {
    for (auto& [name, value] : variables) {
      if (name == symbol) return &value;
    }
    return nullptr;
  }
  void set(Symbol symbol, Value value) {
    if (Value* present = find(symbol)) {
      *present = std::move(value);
    } else {
      variables.emplace_back(symbol, std::move(value));
    }
  }

  Scope* parent;
  std::vector<std::pair<Symbol, Value>> variables;
  bool captured = false;  ///< A macro was defined in it and may outlive its pass: keep it until the
                          ///< render ends.
};

}  // namespace loquor::jinja
