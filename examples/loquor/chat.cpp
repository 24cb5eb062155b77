// loquor chat: a conversation at the terminal, or line by line from standard input.
#include <unistd.h>

#include <iostream>

#include "commands.h"

namespace tool {

namespace {

constexpr const char* kHelp = R"(Type a message and press Enter. Also:
  /clear   forget the conversation
  /help    show this
  /exit    leave (also Ctrl-D)
Ctrl-C ends an answer.)";

// The next line that a person, or a pipe, gives.
bool read_line(bool at_terminal, std::string& line) {
  const Idle idle;
  if (at_terminal) print("> ");
  return static_cast<bool>(std::getline(std::cin, line));
}

void answer(const ChatCommand& command, loquor::Chat& chat, const std::string& text,
            double load_seconds) {
  auto options = command.generate.options<loquor::GenerateOptions>();
  options.cancel = interrupt();
  loquor::Generation generation = chat.stream(text, options);
  for (const loquor::Piece& piece : generation) {
    if (!command.model.json) print(piece.text);
  }
  const loquor::Output& output = generation.output();
  if (command.model.json) return print_line(output_json(output, load_seconds));
  print("\n");
  if (output.dropped_turns > 0)
    note("(the context is full: the oldest " + std::to_string(output.dropped_turns) +
         " turns were left out)");
  if (!command.quiet) note(timings_line(load_seconds, output.timings));
}

}  // namespace

int run(const ChatCommand& command) {
  const auto options = command.chat.options<loquor::ChatOptions>();
  command.generate
      .options<loquor::GenerateOptions>();  // wrong ones are told before the model loads
  const bool at_terminal = isatty(STDIN_FILENO) != 0 && !command.model.json;
  const OpenedModel opened(command.model);
  loquor::Chat chat(opened.model, options);
  if (at_terminal)
    note(opened.model.info().architecture + " is ready; /help shows what can be typed.");
  for (std::string line; read_line(at_terminal, line);) {
    if (line == "/exit") break;
    if (line == "/help") {
      note(kHelp);
    } else if (line == "/clear") {
      chat.clear();
    } else if (!line.empty()) {
      try {
        answer(command, chat, line, opened.load_seconds);
      } catch (const loquor::Error& error) {
        if (!at_terminal) throw;
        note(std::string("loquor: ") + error.what());
      }
    }
  }
  return 0;
}

}  // namespace tool
