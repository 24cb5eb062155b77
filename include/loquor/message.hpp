// Message: one turn of a conversation, as chat templates see it.
#pragma once

#include <string>
#include <vector>

#include "loquor/api.hpp"

namespace LOQUOR_API loquor {

/// A call that the model asks for. `arguments` is a JSON object in text form.
struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;
};

/// One turn. Text is UTF-8. Empty members are not shown to the template.
struct Message {
  std::string role;  ///< "system", "user", "assistant", "tool", or what the model's template knows.
  std::string content;
  std::string reasoning;  ///< The template's reasoning_content.
  std::vector<ToolCall> tool_calls{};
};

}  // namespace loquor
