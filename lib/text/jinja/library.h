// The filters, tests, methods and functions that templates can name. Those of Jinja2 and Python
// that occur in chat templates.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "loquor/error.hpp"
#include "text/jinja/value.h"

namespace loquor::jinja {

using Test = bool (*)(Machine& machine, const Value& value, const Arguments& arguments);

/// Each gives nullptr for a name that is not known.
Function find_filter(std::string_view name);
Function find_sequence_filter(std::string_view name);
Test find_test(std::string_view name);
Function find_global(std::string_view name);
/// The method `name` of the object; throws Error(unsupported) for one that Python's type has and
/// ours has not.
Function find_method(const Value& object, std::string_view name);
/// What raise_exception() throws: the message is the template's own.
class Raised : public Error {
 public:
  explicit Raised(std::string message) : Error(Code::invalid_argument, std::move(message)) {}
};

/// Whether Jinja2 defines the global `name` but this engine does not.
bool is_foreign_global(std::string_view name);

/// A row of the tables behind the functions above.
template <class What>
struct Named {
  std::string_view name;
  What what;
};
template <class What, std::size_t size>
What find(const Named<What> (&table)[size], std::string_view name) {
  for (const auto& row : table) {
    if (row.name == name) return row.what;
  }
  return nullptr;
}

}  // namespace loquor::jinja
