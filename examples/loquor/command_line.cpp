// loquor MODEL ...: the command line, and what becomes of failures.
#include <CLI/CLI.hpp>
#include <cstring>

#include "commands.h"
#include "loquor/version.hpp"

namespace tool {

namespace {

constexpr const char* kDescription = R"(Runs language models on this computer.

  loquor chat model.gguf                        talk with a model
  loquor generate --chat model.gguf "Hello!"    one answer
  loquor generate model.gguf "Once upon a"      go on with a text
  loquor info model.gguf                        what a model is and needs

MODEL is a folder (config.json and safetensors), a .gguf file, or org/name in the local Hugging Face
cache; nothing is downloaded. "loquor COMMAND --help" tells more.)";

// CLI11's help, without the values that flags stand for: --do-sample{true}.
class Help : public CLI::Formatter {
 public:
  Help() {
    constexpr std::size_t kColumn = 34;
    column_width(kColumn);
  }
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    for (const char* value : {"{true}", "{false}"}) {
      const auto found = name.find(value);
      if (found != std::string::npos) name.erase(found, std::strlen(value));
    }
    return name;
  }
};

constexpr int kFailure = 1;
constexpr int kUsage = 2;

void add_model(CLI::App& command, ModelArguments& model) {
  command.add_option("MODEL", model.path, "Folder, .gguf file, or org/name")->required();
  command.add_flag("--json", model.json, "Print JSON");
  model.model.add_to(command, "Model");
  model.runtime.add_to(command, "Model");
}

void add_text(CLI::App& command, TextArguments& text, const std::string& name,
              const std::string& description) {
  command.add_option(name, text.text, description + "; - for standard input");
  command.add_option("--ids", text.ids, "Token ids instead of text: 1,2,3")->delimiter(',');
}

void add_texts(CLI::App& command, std::vector<std::string>& texts) {
  command.add_option("TEXT", texts, "The texts; none: the lines of standard input");
}

// A command line is parsed into this; one of the commands is then run.
struct Commands {
  explicit Commands(CLI::App& app) {
    app.require_subcommand(0, 1);
    auto* command =
        add(app, "chat", "Talk with a model; /help there shows what can be typed", chat);
    command->add_flag("--quiet", chat.quiet, "No line of timings after each answer");
    chat.chat.add_to(*command, "Chat");
    chat.generate.add_to(*command, "Generation");

    command = add(app, "generate", "Go on with a text, or (--chat) answer a message", generate);
    add_text(*command, generate.prompt, "PROMPT", "The text, or the message");
    command->add_flag("--chat", generate.chat, "Answer PROMPT through the model's chat template");
    command->add_option("--system", generate.system, "System message for --chat");
    command->add_flag("--timings", generate.timings, "A line of timings at the end");
    command
        ->add_option(
            "--assistant-model", generate.assistant,
            "A smaller model of the same vocabulary that guesses tokens: folder, .gguf file "
            "or org/name")
        ->group("Generation");
    generate.generate.add_to(*command, "Generation");

    command = add(app, "tokenize", "Show the tokens of a text", tokenize);
    add_text(*command, tokenize.text, "TEXT", "The text");
    command->add_option("--text-pair", tokenize.pair,
                        "A second text, put together with the first as the model reads pairs");
    tokenize.text.encode.add_to(*command, "Text");

    command = add(app, "logits", "Show the likeliest tokens after each position", logits);
    add_text(*command, logits.text, "TEXT", "The text");
    command->add_option("--top", logits.top, "Tokens for each position")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--last", logits.last, "Only this many positions, from the end")
        ->check(CLI::PositiveNumber);
    logits.text.encode.add_to(*command, "Text");

    command = add(app, "perplexity", "How well a model predicts a text", perplexity);
    command->add_option("FILE", perplexity.file, "A file of UTF-8 text; - for standard input")
        ->required();
    command->add_option("--tokens", perplexity.tokens, "Only the first tokens of the file")
        ->check(CLI::Range(std::int64_t{2}, std::int64_t{1} << 40));
    command
        ->add_option("--window", perplexity.window,
                     "Tokens scored together, each given those before it in the window [1024, or "
                     "the model's context where that is shorter]")
        ->check(CLI::Range(std::int64_t{2}, std::int64_t{1} << 40));

    add_tasks(app);

    command = add(app, "info", "What a model is and how much memory it takes", info);
    command->add_option("--context-length", info.context_length, "Context to estimate memory for")
        ->check(CLI::PositiveNumber);
  }

  std::function<int()> chosen;

 private:
  void add_tasks(CLI::App& app) {
    add_texts(*add_task(app, "embed", "Texts as rows of numbers", embed), embed.texts);
    add_texts(*add_task(app, "classify", "The labels of texts", classify), classify.texts);
    add_texts(*add_task(app, "tag", "Names, places, ... in texts", tag), tag.texts);
    add_texts(*add_task(app, "fill-mask", "What may stand at a mask", fill_mask), fill_mask.texts);

    auto* command = add_task(app, "rerank", "Which texts fit a query", rerank);
    command->add_option("QUERY", rerank.query, "What is looked for")->required();
    add_texts(*command, rerank.texts);

    command = add_task(app, "answer", "Where a text answers a question", answer);
    command->add_option("QUESTION", answer.question, "The question")->required();
    command->add_option("CONTEXT", answer.context, "The text; - for standard input")->required();

    command = add_task(app, "zero-shot", "Which of the given labels fit texts", zero_shot);
    command
        ->add_option("--label", zero_shot.labels,
                     "A label that may fit; more than one may be given")
        ->required()
        ->allow_extra_args(false);
    add_texts(*command, zero_shot.texts);

    command = add_task(app, "score", "How likely texts are", score);
    command->add_option("--given", score.given, "What stands before them, or is their source");
    add_texts(*command, score.texts);
  }

  template <class Command>
  CLI::App* add_task(CLI::App& app, const std::string& name, const std::string& description,
                     Command& command) {
    CLI::App* added = add(app, name, description, command);
    command.options.add_to(*added, "Task");
    return added;
  }

  template <class Command>
  CLI::App* add(CLI::App& app, const std::string& name, const std::string& description,
                Command& command) {
    CLI::App* added = app.add_subcommand(name, description);
    add_model(*added, command.model);
    added->callback([this, &command] { chosen = [&command] { return run(command); }; });
    return added;
  }

  ChatCommand chat;
  GenerateCommand generate;
  TokenizeCommand tokenize;
  LogitsCommand logits;
  PerplexityCommand perplexity;
  InfoCommand info;
  EmbedCommand embed;
  ClassifyCommand classify;
  TagCommand tag;
  FillMaskCommand fill_mask;
  RerankCommand rerank;
  AnswerCommand answer;
  ZeroShotCommand zero_shot;
  ScoreCommand score;
};

// --max_new_tokens is as good as --max-new-tokens. CLI11 takes the arguments from the back.
std::vector<std::string> arguments(int argc, char** argv) {
  std::vector<std::string> list(std::make_reverse_iterator(argv + argc),
                                std::make_reverse_iterator(argv + 1));
  for (std::string& argument : list) {
    if (!argument.starts_with("--")) continue;
    const auto end = std::min(argument.find('='), argument.size());
    std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
  }
  return list;
}

int fail(int status, std::string_view message) {
  note("loquor: " + std::string(message));
  return status;
}

int run_command(int argc, char** argv) {
  CLI::App app(kDescription, "loquor");
  app.formatter(std::make_shared<Help>());
  app.set_version_flag("--version", std::string("loquor ") + loquor::version());
  Commands commands(app);
  try {
    app.parse(arguments(argc, argv));
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return fail(kUsage, error.what() + std::string(" (loquor --help tells more)"));
  }
  if (!commands.chosen) throw UsageError("no command was given (loquor --help tells more)");
  handle_interrupts();
  return commands.chosen();
}

}  // namespace

// The exit status of a command line, whatever happens.
int status_of(int argc, char** argv) try {
  return run_command(argc, argv);
} catch (const UsageError& error) {
  return fail(kUsage, error.what());
} catch (const OutputError& error) {
  return error.quiet ? kFailure : fail(kFailure, error.what());
} catch (const loquor::Error& error) {
  if (error.code() == loquor::Code::cancelled) return fail(kInterrupted, "interrupted");
  return fail(kFailure, error.what());
} catch (const std::exception& error) {
  return fail(kFailure, error.what());
}

}  // namespace tool

int main(int argc, char** argv) { return tool::status_of(argc, argv); }
