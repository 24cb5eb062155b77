// Prints docs/options.md from the tables of options.
#include <iostream>

#include "base/error.h"
#include "decode/options/options.h"

namespace loquor {
namespace {

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

// What a value may be: "number from 0 to 1", "`auto`, `f32`, `bf16`".
std::string value_text(const Json& option, Json::Kind holds) {
  if (holds == Json::Kind::array) return "JSON array";
  if (holds == Json::Kind::object) return "JSON object";
  if (const Json* choices = option.find("choices")) {
    std::string list;
    for (const Json& choice : choices->as_array())
      list += (list.empty() ? "" : ", ") + code(choice.as_string());
    return list;
  }
  const std::string& type = option.at("type").as_string();
  const auto bound = [&](std::string_view words, const char* key) {
    const Json* value = option.find(key);
    return value ? text(words, value->as_number()) : std::string();
  };
  if (option.find("minimum") && option.find("maximum"))
    return type + bound(" from ", "minimum") + bound(" to ", "maximum");
  return type + bound(", at least ", "minimum") + bound(", above ", "exclusive_minimum") +
         bound(", at most ", "maximum");
}

template <class Struct>
void print(const OptionTable<Struct>& table, std::string_view calls) {
  std::cout << "\n## " << table.kind() << "\n\n" << calls << "\n\n";
  std::cout << "| option | value | default | |\n|---|---|---|---|\n";
  const Json list = table.describe();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Json& option = list.as_array()[i];
    std::cout << "| " << code(option.at("name").as_string()) << " | "
              << value_text(option, table.options()[i].holds) << " | "
              << option.at("default").as_string() << " | " << option.at("description").as_string()
              << " |\n";
  }
}

std::string task(const std::string& type, const std::string& call, const std::string& command) {
  return "C++ `" + type + "Options` for `Model::" + call +
         "`, which takes `input.progress` as well; C `loquor_model_" + call + "`; Python `model." +
         call + "(...)`; the tool's `" + command + "`.";
}

void print_page() {
  std::cout << R"(# Options

Each option stands once in a table of `lib/decode/`, from which the setters of C, the keywords of Python, the flags of the
tool (`--max-new-tokens` or `--max_new_tokens`) and this page are made. The C++ structs have a member of the same name.

An option that is not given takes the model's own value where `generation_config.json` sets one, else the default below.
An unknown name, a value of the wrong type and a value out of range are refused in one line that says what was found and
what was expected. A `cancel` or `runtime` is a handle; JSON cannot set it.

Do not edit this page: `build/tests/tests/readme/options_page > docs/options.md` writes it anew, and the test `readme` fails
where it differs.
)";
  print(runtime_options(),
        "C++ `RuntimeOptions` for `Runtime`, which takes `log` and `lend` as well; C "
        "`loquor_runtime_new`; Python `Runtime(...)`; every command of the tool.");
  print(model_options(),
        "C++ `ModelOptions` for `Model`; C `loquor_model_open`; Python `Model(path, ...)`; every "
        "command of the tool.");
  print(session_options(),
        "C++ `SessionOptions` for `Session`; C `loquor_session_new`; Python `model.session(...)`.");
  print(generate_options(),
        "C++ `GenerateOptions` for `Model::generate` and `stream`, `Generation`, `Sampler`, and "
        "what a `Chat` sends; C `loquor_model_generate` and its kin; Python "
        "`model.generate(prompt, ...)`; the tool's `generate` and `chat`.");
  const auto texts = [](const std::string& type, const std::string& call) {
    return "C++ `" + type + "Options`, these and `generate`'s, for `Model::" + call +
           "`; C `loquor_model_" + call + "`; Python `model." + call + "(...)`; the tool's `" +
           call +
           "`.\n\nThe files' defaults are those of the task (`task_specific_params` of "
           "config.json) "
           "before all others; where they say nothing, `num_beams` is 4 and `max_new_tokens` 256.";
  };
  print(translate_options(), texts("Translate", "translate"));
  print(summarize_options(), texts("Summarize", "summarize"));
  print(chat_options(),
        "C++ `ChatOptions` for `Chat`; C `loquor_chat_new`; Python `model.chat(...)`; the tool's "
        "`chat`.");
  print(encode_options(),
        "C++ `EncodeOptions` for `Tokenizer::encode`; C `loquor_tokenizer_encode`; Python "
        "`model.tokenizer.encode(text, ...)`; the tool's `tokenize` and `logits`.");
  print(render_options(),
        "C++ `RenderOptions` for `ChatTemplate::render` and messages; C "
        "`loquor_chat_template_render` and `loquor_model_generate_messages`; Python "
        "`model.chat_template.render(messages, ...)` and `model.generate(messages=..., ...)`.");
  print(embed_options(), task("Embed", "embed", "embed"));
  print(classify_options(), task("Classify", "classify", "classify"));
  print(tag_options(), task("Tag", "tag", "tag"));
  print(fill_mask_options(), task("FillMask", "fill_mask", "fill-mask"));
  print(rerank_options(), task("Rerank", "rerank", "rerank"));
  print(answer_options(), task("Answer", "answer", "answer"));
  print(zero_shot_options(), task("ZeroShot", "zero_shot", "zero-shot"));
  print(score_options(), task("Score", "score", "score"));
}

}  // namespace
}  // namespace loquor

int main() {
  loquor::print_page();
  return std::cout.flush() ? 0 : 1;
}
