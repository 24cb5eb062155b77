// loquor generate: goes on with a text, or answers one message.
#include "commands.h"

namespace tool {

namespace {

loquor::Generation start(const GenerateCommand& command, const loquor::Model& model,
                         const loquor::GenerateOptions& options) {
  const TextArguments& prompt = command.prompt;
  if (!prompt.ids.empty()) {
    if (prompt.text || command.chat) throw UsageError("--ids goes with neither a text nor --chat");
    return model.stream(prompt.ids, options);
  }
  const std::string text = prompt.read();
  if (!command.chat) return model.stream(text, options);
  std::vector<loquor::Message> messages;
  if (!command.system.empty()) messages.push_back({"system", command.system, {}, {}});
  messages.push_back({"user", text, {}, {}});
  return model.stream(messages, options);
}

// Ids of a model without a tokenizer take the text's place.
template <class TextAndIds>
void print_text(const loquor::Model& model, const TextAndIds& given) {
  if (model.has_tokenizer()) return print(given.text);
  for (const auto id : given.ids) print(std::to_string(id) + " ");
}

}  // namespace

int run(const GenerateCommand& command) {
  auto options = command.generate.options<loquor::GenerateOptions>();
  options.cancel = interrupt();
  if (!command.system.empty() && !command.chat) throw UsageError("--system goes with --chat");
  const OpenedModel opened(command.model);
  if (!command.assistant.empty()) {
    auto same = command.model.model.options<loquor::ModelOptions>();
    same.runtime = opened.model.runtime();
    same.cancel = interrupt();
    options.assistant_model = std::make_shared<const loquor::Model>(command.assistant, same);
  }
  loquor::Generation generation = start(command, opened.model, options);
  for (const loquor::Piece& piece : generation) {
    if (!command.model.json) print_text(opened.model, piece);
  }
  if (command.model.json) {
    print_line(output_json(generation.output(), opened.load_seconds));
  } else {
    print("\n");
    const auto& sequences = generation.output().sequences;
    for (std::size_t i = 1; i < sequences.size(); ++i) {
      print_text(opened.model, sequences[i]);
      print("\n");
    }
  }
  if (command.timings) note(timings_line(opened.load_seconds, generation.timings()));
  return generation.finish_reason() == loquor::FinishReason::cancelled ? kInterrupted : 0;
}

}  // namespace tool
