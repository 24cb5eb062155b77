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
void print_piece(const loquor::Model& model, const loquor::Piece& piece) {
  if (model.has_tokenizer()) return print(piece.text);
  for (const auto id : piece.ids) print(std::to_string(id) + " ");
}

}  // namespace

int run(const GenerateCommand& command) {
  auto options = command.generate.options<loquor::GenerateOptions>();
  options.cancel = interrupt();
  if (!command.system.empty() && !command.chat) throw UsageError("--system goes with --chat");
  const OpenedModel opened(command.model);
  loquor::Generation generation = start(command, opened.model, options);
  for (const loquor::Piece& piece : generation) {
    if (!command.model.json) print_piece(opened.model, piece);
  }
  if (command.model.json) {
    print_line(output_json(generation.output(), opened.load_seconds));
  } else {
    print("\n");
  }
  if (command.timings) note(timings_line(opened.load_seconds, generation.timings()));
  return generation.finish_reason() == loquor::FinishReason::cancelled ? kInterrupted : 0;
}

}  // namespace tool
