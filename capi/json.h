// Outputs, model information and messages as JSON.
#pragma once

#include "base/json.h"
#include "loquor/message.hpp"
#include "loquor/model.hpp"
#include "loquor/output.hpp"

namespace loquor::capi {

Json output_json(const Output& output);
Json info_json(const ModelInfo& info);
/// In the form that chat templates read: role, content, reasoning_content, tool_calls.
Json message_json(const Message& message);
/// The other way; throws Error(invalid_argument) naming the member that is missing, unknown or of
/// another type.
Message message_from_json(const Json& json);

}  // namespace loquor::capi
