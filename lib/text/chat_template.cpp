#include "loquor/chat_template.hpp"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "text/jinja/interpreter.h"

namespace loquor {

namespace {

using jinja::Value;

// A role is the program's, not what somebody wrote: templates spell tokens with it, as in "<|" +
// role + "|>". Only those that templates know count, so that no other text gets in this way.
constexpr std::array<std::string_view, 9> kRoles{
    "system", "user", "assistant", "tool", "developer", "model", "function", "ipython", "human"};

Json parsed(std::string_view json, std::string_view what) {
  try {
    return Json::parse(json);
  } catch (const Error& error) {
    fail(Code::invalid_argument, what, ": ", std::string_view(error.what()));
  }
}

Json parsed_object(std::string_view json, std::string_view what) {
  if (json.empty()) return Json::object();
  Json value = parsed(json, what);
  if (!value.is_object())
    fail(Code::invalid_argument, what, " must be a JSON object, found ", name(value.kind()));
  return value;
}

Json parsed_array(std::string_view json, std::string_view what) {
  Json value = parsed(json, what);
  if (!value.is_array())
    fail(Code::invalid_argument, what, " must be a JSON array, found ", name(value.kind()));
  return value;
}

Json to_json(const ToolCall& call) {
  Json function = Json::object();
  function["name"] = call.name;
  function["arguments"] = parsed_object(call.arguments, "the arguments of a tool call");
  Json out = Json::object();
  out["type"] = "function";
  if (!call.id.empty()) out["id"] = call.id;
  out["function"] = std::move(function);
  return out;
}

Json to_json(std::span<const Message> messages) {
  Json out = Json::array();
  for (const Message& message : messages) {
    for (const std::string* text : {&message.role, &message.content, &message.reasoning}) {
      require_utf8(*text, "a message");
    }
    Json one = Json::object();
    one["role"] = message.role;
    one["content"] = message.content;
    if (!message.reasoning.empty()) one["reasoning_content"] = message.reasoning;
    if (!message.tool_calls.empty()) {
      Json calls = Json::array();
      for (const ToolCall& call : message.tool_calls) calls.push_back(to_json(call));
      one["tool_calls"] = std::move(calls);
    }
    out.push_back(std::move(one));
  }
  return out;
}

Value message_value(const Json& message) {
  if (!message.is_object()) return jinja::from_json(message, false);
  const auto dict = std::make_shared<jinja::Dictionary>(nullptr);
  for (const auto& [key, value] : message.as_object()) {
    const bool known_role =
        key == "role" && value.is_string() &&
        std::find(kRoles.begin(), kRoles.end(), value.as_string()) != kRoles.end();
    dict->add(jinja::constant(jinja::Text(key, false)), jinja::from_json(value, known_role));
  }
  return Value(std::shared_ptr<const jinja::Dictionary>(dict));
}

Value messages_value(const Json& messages) {
  std::vector<Value> items;
  items.reserve(messages.size());
  for (const Json& message : messages.as_array()) items.push_back(message_value(message));
  return jinja::constant(std::move(items));
}

}  // namespace

class ChatTemplate::Impl {
 public:
  Impl(std::string_view source, std::string_view variables)
      : source_(source),
        program_(jinja::parse(source)),
        constants_(parsed_object(variables, "the variables of the chat template")) {
    for (const auto& [key, value] : constants_.as_object())
      values_.emplace_back(key, jinja::from_json(value, true));
  }

  const std::string& source() const noexcept { return source_; }

  Prompt render(const Json& messages, const RenderOptions& options) const {
    const Json tools = options.tools.empty() ? Json() : parsed_array(options.tools, "tools");
    const Json further = parsed_object(options.variables, "variables");
    std::vector<jinja::Variable> variables = values_;
    variables.emplace_back("documents", jinja::None{});
    for (const auto& [key, value] : further.as_object()) {
      if (key == "messages" || key == "tools" || key == "add_generation_prompt") {
        fail(Code::invalid_argument, "variables must not have ", quoted(key),
             ": it is an argument of its own");
      }
      variables.emplace_back(key, jinja::from_json(value, false));
    }
    variables.emplace_back("messages", messages_value(messages));
    // An empty list of tools is none, as in transformers.
    variables.emplace_back(
        "tools", tools.size() == 0 ? Value(jinja::None{}) : jinja::from_json(tools, false));
    variables.emplace_back("add_generation_prompt", options.add_generation_prompt);
    jinja::Text out = jinja::render(program_, variables);
    Prompt prompt;
    prompt.from_template = out.release_ranges();
    prompt.text = out.release_bytes();
    return prompt;
  }

 private:
  std::string source_;
  jinja::Program program_;
  Json constants_;  // the names of values_ point into it
  std::vector<jinja::Variable> values_;
};

ChatTemplate::ChatTemplate(std::string_view source, std::string_view variables)
    : impl_(std::make_shared<const Impl>(source, variables)) {}

std::string ChatTemplate::render(std::span<const Message> messages,
                                 const RenderOptions& options) const {
  return render_marked(messages, options).text;
}

Prompt ChatTemplate::render_marked(std::span<const Message> messages,
                                   const RenderOptions& options) const {
  return impl_->render(to_json(messages), options);
}

Prompt ChatTemplate::render_json(std::string_view messages, const RenderOptions& options) const {
  return impl_->render(parsed_array(messages, "messages"), options);
}

const std::string& ChatTemplate::source() const noexcept { return impl_->source(); }

}  // namespace loquor
