// Messages and outputs as JSON.
#include "json.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace loquor;
using namespace loquor::capi;

namespace {

std::string refusal(std::string_view json) {
  try {
    message_from_json(Json::parse(json));
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("a message with everything in it survives the way to JSON and back") {
  const Message message{
      "assistant", "Let me see.", "A clock is needed.", {{"c1", "clock", R"({"zone":"UTC"})"}}};
  const auto json = message_json(message);
  CHECK(json == Json::parse(R"({"role": "assistant", "content": "Let me see.",
    "reasoning_content": "A clock is needed.",
    "tool_calls": [{"id": "c1", "type": "function",
                    "function": {"name": "clock", "arguments": "{\"zone\":\"UTC\"}"}}]})"));
  const auto back = message_from_json(json);
  CHECK(message_json(back) == json);
}

TEST_CASE("arguments of a tool call may be an object") {
  const auto message = message_from_json(Json::parse(
      R"({"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1}}}]})"));
  CHECK(message.content.empty());
  REQUIRE(message.tool_calls.size() == 1);
  CHECK(message.tool_calls[0].arguments == R"({"x":1})");
}

TEST_CASE("a message that is no message is refused by the name of its member") {
  CHECK(refusal("[]") == "message: found an array, expected an object");
  CHECK(refusal("{}") == "message: found no role, expected one such as \"user\"");
  CHECK(refusal(R"({"role": 1})") == "message: role: found an integer, expected a string");
  CHECK(refusal(R"({"role": "user", "name": "x"})") ==
        "message: unknown member 'name'; known are role, content, reasoning_content, tool_calls");
  CHECK(refusal(R"({"role": "user", "tool_calls": {}})") ==
        "message: tool_calls: found an object, expected an array");
  CHECK(refusal(R"({"role": "user", "tool_calls": [3]})") ==
        "message: tool_calls: found an integer, expected objects with the member \"function\"");
}

TEST_CASE("an output's JSON holds all of it") {
  Output output;
  output.text = "Hi";
  output.ids = {5, 6};
  output.score = -1.5;
  output.finish_reason = FinishReason::stop;
  output.timings = {3, 1, 0.5, 2, 0.25};
  output.seed = 42;
  output.logprobs = {{{5, -1}, {{5, -1}, {9, -2}}}};
  CHECK(output_json(output) == Json::parse(R"({"text": "Hi", "ids": [5, 6], "score": -1.5,
    "finish_reason": "stop", "seed": 42,
    "timings": {"prompt_tokens": 3, "cached_tokens": 1, "prompt_seconds": 0.5, "generated_tokens": 2, "generate_seconds": 0.25},
    "logprobs": [{"id": 5, "logprob": -1, "top": [{"id": 5, "logprob": -1}, {"id": 9, "logprob": -2}]}],
    "dropped_turns": 0})"));
}
