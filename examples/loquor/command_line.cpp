// loquor MODEL ...: the command line, and what becomes of failures.
#include <CLI/CLI.hpp>

#include "commands.h"
#include "help.h"
#include "loquor/version.hpp"

namespace tool {

namespace {

constexpr const char* kDescription = R"(Runs language models on this computer.

  loquor chat model.gguf                        talk with a model
  loquor generate --chat model.gguf "Hello!"    one answer
  loquor generate model.gguf "Once upon a"      go on with a text
  loquor info model.gguf                        what a model is and needs

MODEL is a folder (config.json and safetensors), a .gguf file, or org/name in the local Hugging Face
cache; nothing is downloaded. "loquor COMMAND --help" tells what a command prints and takes.
)";

constexpr int kFailure = 1;
constexpr int kUsage = 2;

void add_model(CLI::App& command, ModelArguments& model) {
  command.add_option("MODEL", model.path, "Folder, .gguf file, or org/name")->required();
  command.add_flag("--json", model.json, "Print JSON in place of text");
  model.model.add_to(command, "Model");
  model.runtime.add_to(command, "Model");
}

void add_text(CLI::App& command, TextArguments& text, const std::string& name,
              const std::string& description) {
  command.add_option(name, text.text, description + "; - for standard input");
  command.add_option("--ids", text.ids, "Token ids in place of text: 1,2,3")
      ->delimiter(',')
      ->type_name("ID");
}

void add_texts(CLI::App& command, std::vector<std::string>& texts) {
  command.add_option("TEXT", texts, "The texts; none: the lines of standard input");
}

// A command line is parsed into this; one of the commands is then run.
struct Commands {
  explicit Commands(CLI::App& app) {
    app.require_subcommand(0, 1);
    auto* command = add(
        app, "chat", "Talk with a model; /help there shows what can be typed",
        "Where standard input is no terminal, each line is a message. --json prints an object for "
        "each answer.",
        chat);
    command->add_flag("--quiet", chat.quiet, "No line of timings after each answer");
    chat.chat.add_to(*command, "Chat");
    chat.generate.add_to(*command, "Generation");

    command = add(app, "generate", "Go on with a text, or (--chat) answer a message",
                  "Prints the text as it is generated; of several sequences each on a line. --json "
                  "prints one object at the end: text, ids, score, finish_reason, seed, timings, "
                  "sequences, ...",
                  generate);
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

    command = add(app, "tokenize", "Show the tokens of a text, or with --ids the text of tokens",
                  "Prints a line for each token: id, name. --json prints one object: ids, tokens, "
                  "offsets (bytes), type_ids, sequence_ids, word_ids.",
                  tokenize);
    add_text(*command, tokenize.text, "TEXT", "The text");
    command->add_option("--text-pair", tokenize.pair,
                        "A second text, put together with the first as the model reads pairs");
    tokenize.text.encode.add_to(*command, "Text");

    command = add(app, "logits", "Show the likeliest tokens after each position of a text",
                  "Prints a line for each position: its number, its token, and for each that may "
                  "follow its id, name and logit. --json prints an object a line.",
                  logits);
    add_text(*command, logits.text, "TEXT", "The text");
    command->add_option("--top", logits.top, "Tokens for each position [5]")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--last", logits.last, "Only so many positions, the last ones [all]")
        ->check(CLI::PositiveNumber);
    logits.text.encode.add_to(*command, "Text");

    command = add(app, "perplexity", "Measure how well a model predicts a text",
                  "Prints e to the mean negative log-likelihood of the tokens: less is better. "
                  "--json prints one object.",
                  perplexity);
    command->add_option("FILE", perplexity.file, "A file of UTF-8 text; - for standard input")
        ->required();
    command
        ->add_option("--tokens", perplexity.tokens,
                     "Only so many tokens, the first ones of the file [all]")
        ->check(CLI::Range(std::int64_t{2}, std::int64_t{1} << 40));
    command
        ->add_option("--window", perplexity.window,
                     "Tokens scored together, each given those before it in the window [1024, or "
                     "the model's context where that is shorter]")
        ->check(CLI::Range(std::int64_t{2}, std::int64_t{1} << 40));

    add_tasks(app);

    command = add(app, "info", "Tell what a model is and how much memory it takes",
                  "Reads no weights. --json prints one object.", info);
    command
        ->add_option("--context-length", info.context_length,
                     "Positions to estimate memory for [the model's]")
        ->check(CLI::PositiveNumber);
  }

  std::function<int()> chosen;

 private:
  // A text's number counts from 0, places in texts are bytes.
  void add_tasks(CLI::App& app) {
    add_texts(
        *add_task(app, "translate", "Translate texts",
                  "Prints a line for each text, and for each of --num-return-sequences. --json "
                  "prints an object a line: text, ids, score, finish_reason, ...",
                  translate),
        translate.texts);
    add_texts(
        *add_task(app, "summarize", "Make texts short",
                  "Prints a line for each text, and for each of --num-return-sequences. --json "
                  "prints an object a line: text, ids, score, finish_reason, ...",
                  summarize),
        summarize.texts);
    add_texts(*add_task(app, "embed", "Turn texts into rows of numbers that can be compared",
                        "Prints a row for each text. --json prints an object a line: text, "
                        "embedding.",
                        embed),
              embed.texts);
    add_texts(*add_task(app, "classify", "Tell which of the model's labels fit texts",
                        "Prints a line for each label: the text's number, score, label. --json "
                        "prints an array of {label, score} for each text.",
                        classify),
              classify.texts);
    add_texts(*add_task(app, "tag", "Find names, places, ... in texts",
                        "Prints a line for each: the text's number, score, label, bytes of the "
                        "text, word. --json prints an array of objects for each text.",
                        tag),
              tag.texts);
    add_texts(*add_task(app, "fill-mask", "Tell what may stand at masks in texts",
                        "Prints a line for each token: the text's number, score, token, the whole "
                        "text with it. --json prints an array for each text and each mask.",
                        fill_mask),
              fill_mask.texts);

    auto* command = add_task(app, "rerank", "Sort texts by how well they fit a query",
                             "Prints a line for each text: its number, score, text. --json prints "
                             "an array of {index, score}.",
                             rerank);
    command->add_option("QUERY", rerank.query, "What is looked for")->required();
    add_texts(*command, rerank.texts);

    command = add_task(app, "answer", "Find where a text of any length answers a question",
                       "Prints a line for each answer: score, bytes of the text, answer. --json "
                       "prints an array of {text, score, start, end}, in another array.",
                       answer);
    command->add_option("QUESTION", answer.question, "The question")->required();
    command->add_option("CONTEXT", answer.context, "The text; - for standard input")->required();

    command = add_task(app, "zero-shot", "Tell which labels of your own fit texts",
                       "Prints a line for each label: the text's number, score, label. --json "
                       "prints an array of {label, score} for each text.",
                       zero_shot);
    command->add_option("--label", zero_shot.labels, "A label that may fit; at least one")
        ->required()
        ->allow_extra_args(false);
    add_texts(*command, zero_shot.texts);

    command = add_task(app, "score", "Measure how likely texts are",
                       "Prints a line for each text: its number, log-probability, tokens. --json "
                       "prints an array of {log_probability, ids, log_probabilities}.",
                       score);
    command->add_option("--given", score.given, "The text before them, or that they translate");
    add_texts(*command, score.texts);
  }

  template <class Command>
  CLI::App* add_task(CLI::App& app, const std::string& name, const std::string& description,
                     const std::string& output, Command& command) {
    CLI::App* added = add(app, name, description, output, command);
    command.options.add_to(*added, "Task");
    return added;
  }

  template <class Command>
  CLI::App* add(CLI::App& app, const std::string& name, const std::string& description,
                const std::string& output, Command& command) {
    CLI::App* added = app.add_subcommand(name, description);
    added->footer(wrapped(output + " An option with ... may be given several times.", 100) + "\n");
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
  TranslateCommand translate;
  SummarizeCommand summarize;
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
