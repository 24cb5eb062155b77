// Runs a parsed template on values, within limits.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/jinja/ast.h"

namespace loquor::jinja {

using Variable = std::pair<std::string_view, Value>;

/// The text that the program writes; of two variables with one name the later counts. Throws
/// Error(invalid_argument) with the template's own words for raise_exception(), else with the line
/// of what failed.
Text render(const Program& program, std::span<const Variable> variables);

}  // namespace loquor::jinja
