#include "loquor/json.hpp"

#include "base/error.h"
#include "base/json.h"

namespace loquor {

namespace {

[[noreturn]] void fail_member(std::string_view member, const Json& found,
                              std::string_view expected) {
  fail(Code::invalid_argument, "message: ", member, ": found ", name(found.kind()), ", expected ",
       expected);
}

std::string string_member(std::string_view member, const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) fail_member(member, value, "a string");
  return value.as_string();
}

// {"id", "type": "function", "function": {"name", "arguments"}}; arguments are an object, or one in
// text form.
ToolCall tool_call(const Json& json) {
  const Json* function = json.find("function");
  if (!function || !function->is_object())
    fail_member("tool_calls", json, "objects with the member \"function\"");
  ToolCall call;
  if (const Json* id = json.find("id")) call.id = string_member("tool_calls.id", *id);
  if (const Json* name = function->find("name"))
    call.name = string_member("tool_calls.function.name", *name);
  if (const Json* arguments = function->find("arguments")) {
    call.arguments = arguments->is_object()
                         ? arguments->dump()
                         : string_member("tool_calls.function.arguments", *arguments);
  }
  return call;
}

// What is malformed here is the caller's argument, not a file.
Json parse(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Error& error) {
    fail(Code::invalid_argument, "message: ", std::string_view(error.what()));
  }
}

Json message_json(const Message& message) {
  Json::Object json{{"role", message.role}, {"content", message.content}};
  if (!message.reasoning.empty()) json.emplace_back("reasoning_content", message.reasoning);
  Json::Array calls;
  for (const auto& [id, name, arguments] : message.tool_calls) {
    calls.push_back(
        Json::Object{{"id", id},
                     {"type", "function"},
                     {"function", Json::Object{{"name", name}, {"arguments", arguments}}}});
  }
  if (!calls.empty()) json.emplace_back("tool_calls", std::move(calls));
  return json;
}

}  // namespace

std::string to_json(std::span<const Message> messages) {
  Json list = Json::array();
  for (const Message& message : messages) list.push_back(message_json(message));
  return list.dump();
}

Message message_from_json(std::string_view text) {
  const Json json = parse(text);
  if (!json.is_object())
    fail(Code::invalid_argument, "message: found ", name(json.kind()), ", expected an object");
  Message message;
  for (const auto& [member, value] : json.as_object()) {
    if (member == "role") {
      message.role = string_member(member, value);
    } else if (member == "content") {
      message.content = string_member(member, value);
    } else if (member == "reasoning_content") {
      message.reasoning = string_member(member, value);
    } else if (member == "tool_calls") {
      if (!value.is_array()) fail_member(member, value, "an array");
      for (const auto& call : value.as_array()) message.tool_calls.push_back(tool_call(call));
    } else {
      fail(Code::invalid_argument, "message: unknown member ", quoted(member),
           "; known are role, content, reasoning_content, tool_calls");
    }
  }
  if (message.role.empty())
    fail(Code::invalid_argument, "message: found no role, expected one such as \"user\"");
  return message;
}

std::string to_json(const ModelInfo& info) {
  const Json json = Json::Object{{"architecture", info.architecture},
                                 {"format", info.format},
                                 {"compute_type", info.compute_type},
                                 {"cache_type", info.cache_type},
                                 {"isa", info.isa},
                                 {"parameters", info.parameters},
                                 {"layers", info.layers},
                                 {"width", info.width},
                                 {"heads", info.heads},
                                 {"key_value_heads", info.key_value_heads},
                                 {"vocabulary", info.vocabulary},
                                 {"context_length", info.context_length},
                                 {"file_bytes", info.file_bytes},
                                 {"weight_bytes", info.weight_bytes},
                                 {"cache_bytes_per_position", info.cache_bytes_per_position},
                                 {"workspace_bytes", info.workspace_bytes},
                                 {"class_name", info.class_name},
                                 {"labels", Json::Array(info.labels.begin(), info.labels.end())},
                                 {"spec", info.spec.empty() ? Json() : Json::parse(info.spec)}};
  return json.dump();
}

}  // namespace loquor
