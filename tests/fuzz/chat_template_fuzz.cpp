// Any bytes as a chat template: an Error, or a prompt, soon.
#include "loquor/chat_template.hpp"
#include "loquor/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  try {
    const loquor::ChatTemplate chat_template(source,
                                             R"({"bos_token": "<s>", "eos_token": "</s>"})");
    chat_template.render_json(
        R"([{"role": "system", "content": " Be \u00df\u0130 brief.\n"},
            {"role": "user", "content": [{"type": "text", "text": "<s>What is 2.50 + -3?"}]},
            {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f"}}]}])",
        {true, R"([{"name": "f", "parameters": {"x": 1e300, "y": [true, {}]}}])", R"({"n": -7})"});
  } catch (const loquor::Error&) {
  }
  return 0;
}
