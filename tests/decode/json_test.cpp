// Messages and a model's facts as JSON.
#include "loquor/json.hpp"

#include <doctest/doctest.h>

#include "base/json.h"
#include "data.h"

namespace loquor {
namespace {

std::string refusal_of_message(std::string_view json) {
  try {
    message_from_json(json);
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    return error.what();
  }
  return "taken";
}

TEST_CASE("a message with everything in it survives the way to JSON and back") {
  const Message message{
      "assistant", "Let me see.", "A clock is needed.", {{"c1", "clock", R"({"zone":"UTC"})"}}};
  const std::string json = to_json(std::vector{message});
  CHECK(Json::parse(json) == Json::parse(R"([{"role": "assistant", "content": "Let me see.",
    "reasoning_content": "A clock is needed.",
    "tool_calls": [{"id": "c1", "type": "function",
                    "function": {"name": "clock", "arguments": "{\"zone\":\"UTC\"}"}}]}])"));
  const Message back = message_from_json(std::string_view(json).substr(1, json.size() - 2));
  CHECK(to_json(std::vector{back}) == json);
}

TEST_CASE("arguments of a tool call may be an object") {
  const auto message = message_from_json(
      R"({"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]})");
  CHECK(message.content.empty());
  REQUIRE(message.tool_calls.size() == 1);
  CHECK(message.tool_calls[0].arguments == R"({"x":1})");
}

TEST_CASE("a message that is no message is refused by the name of its member") {
  CHECK(refusal_of_message("{\"role\"").starts_with("message: "));
  CHECK(refusal_of_message("[]") == "message: found an array, expected an object");
  CHECK(refusal_of_message("{}") == "message: found no role, expected one such as \"user\"");
  CHECK(refusal_of_message(R"({"role": 1})") ==
        "message: role: found an integer, expected a string");
  CHECK(refusal_of_message(R"({"role": "user", "name": "x"})") ==
        "message: unknown member 'name'; known are role, content, reasoning_content, tool_calls");
  CHECK(refusal_of_message(R"({"role": "user", "tool_calls": {}})") ==
        "message: tool_calls: found an object, expected an array");
  CHECK(refusal_of_message(R"({"role": "user", "tool_calls": [3]})") ==
        "message: tool_calls: found an integer, expected objects with the member \"function\"");
}

TEST_CASE("a model's facts have all their members") {
  const Model model(tests::golden("llama").string());
  const Json json = Json::parse(to_json(model.info()));
  CHECK(json.at("architecture").as_string() == "llama");
  CHECK(json.at("workspace_bytes").as_integer() == model.info().workspace_bytes);
  CHECK(json.at("spec") == Json::parse(model.info().spec));
  CHECK(json.as_object().size() == 19);
}

}  // namespace
}  // namespace loquor
