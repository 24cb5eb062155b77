// Messages and the facts of a model as JSON, as bindings and command lines exchange them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "loquor/api.hpp"
#include "loquor/message.hpp"
#include "loquor/model.hpp"

namespace LOQUOR_API loquor {

/// An array of objects in the form that chat templates read: role, content, and where there are any
/// reasoning_content and tool_calls.
LOQUOR_API std::string to_json(std::span<const Message> messages);
/// One of them. Throws Error(invalid_argument) naming the member that is missing, unknown or of
/// another type.
LOQUOR_API Message message_from_json(std::string_view json);

/// An object with all members under their own names; spec is null where there is none.
LOQUOR_API std::string to_json(const ModelInfo& info);

/// What the tasks give, as objects with the members of their structs, in lists as those are; a
/// range is its start and end, in bytes.
LOQUOR_API std::string to_json(const std::vector<std::vector<LabelScore>>& labels);
LOQUOR_API std::string to_json(const std::vector<std::vector<Entity>>& entities);
LOQUOR_API std::string to_json(const std::vector<std::vector<std::vector<Fill>>>& fills);
LOQUOR_API std::string to_json(const std::vector<RankedText>& texts);
LOQUOR_API std::string to_json(const std::vector<std::vector<Answer>>& answers);
LOQUOR_API std::string to_json(const std::vector<Score>& scores);

}  // namespace loquor
