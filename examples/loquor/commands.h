// What each command is given, and the commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loquor/loquor.hpp"
#include "options.h"
#include "output.h"

namespace tool {

/// The model of a command, and how it is opened.
struct ModelArguments {
  std::string path;
  OptionFlags model{"model"};
  OptionFlags runtime{"runtime"};
  bool json = false;

  loquor::ModelOptions options() const;
};

/// A model, and the time that opening it took.
struct OpenedModel {
  explicit OpenedModel(const ModelArguments& arguments);
  Stopwatch since;
  loquor::Model model;
  double load_seconds;
};

/// A text, or ids for a model without a tokenizer.
struct TextArguments {
  std::optional<std::string> text;  // "-" is standard input
  std::vector<std::int32_t> ids;
  OptionFlags encode{"encode"};

  /// The text; what standard input holds for "-", or where none is given and it is no terminal.
  std::string read() const;
  std::vector<std::int32_t> encoded(const loquor::Model& model) const;
};

struct GenerateCommand {
  ModelArguments model;
  TextArguments prompt;
  OptionFlags generate{"generate"};
  std::string assistant;  // path of assistant_model
  bool chat = false;
  bool timings = false;
  std::string system;
};
int run(const GenerateCommand& command);

struct ChatCommand {
  ModelArguments model;
  OptionFlags chat{"chat"};
  OptionFlags generate{"generate"};
  bool quiet = false;
};
int run(const ChatCommand& command);

struct TokenizeCommand {
  ModelArguments model;
  TextArguments text;
  std::optional<std::string> pair;  // a second text
};
int run(const TokenizeCommand& command);

struct LogitsCommand {
  ModelArguments model;
  TextArguments text;
  std::int64_t top = 5;
  std::optional<std::int64_t> last;
};
int run(const LogitsCommand& command);

struct PerplexityCommand {
  ModelArguments model;
  std::string file;
  std::optional<std::int64_t> tokens;
  std::optional<std::int64_t> window;
};
int run(const PerplexityCommand& command);

struct InfoCommand {
  ModelArguments model;
  std::optional<std::int64_t> context_length;
};
int run(const InfoCommand& command);

/// A task on some texts.
struct TaskCommand {
  explicit TaskCommand(std::string kind) : options(std::move(kind)) {}
  ModelArguments model;
  std::vector<std::string> texts;
  OptionFlags options;
};
struct TranslateCommand : TaskCommand {
  TranslateCommand() : TaskCommand("translate") {}
};
int run(const TranslateCommand& command);
struct SummarizeCommand : TaskCommand {
  SummarizeCommand() : TaskCommand("summarize") {}
};
int run(const SummarizeCommand& command);
struct EmbedCommand : TaskCommand {
  EmbedCommand() : TaskCommand("embed") {}
};
int run(const EmbedCommand& command);
struct ClassifyCommand : TaskCommand {
  ClassifyCommand() : TaskCommand("classify") {}
};
int run(const ClassifyCommand& command);
struct TagCommand : TaskCommand {
  TagCommand() : TaskCommand("tag") {}
};
int run(const TagCommand& command);
struct FillMaskCommand : TaskCommand {
  FillMaskCommand() : TaskCommand("fill_mask") {}
};
int run(const FillMaskCommand& command);
struct RerankCommand : TaskCommand {
  RerankCommand() : TaskCommand("rerank") {}
  std::string query;
};
int run(const RerankCommand& command);
struct AnswerCommand : TaskCommand {
  AnswerCommand() : TaskCommand("answer") {}
  std::string question, context;
};
int run(const AnswerCommand& command);
struct ZeroShotCommand : TaskCommand {
  ZeroShotCommand() : TaskCommand("zero_shot") {}
  std::vector<std::string> labels;
};
int run(const ZeroShotCommand& command);
struct ScoreCommand : TaskCommand {
  ScoreCommand() : TaskCommand("score") {}
  std::string given;
};
int run(const ScoreCommand& command);

/// The texts; where none are given, the lines of standard input.
std::vector<std::string> read_texts(const std::vector<std::string>& given);
/// A file's bytes; "-" is standard input.
std::string read_file(const std::string& path);
/// An id's name, or nothing for a model without a tokenizer.
std::string token_name(const loquor::Model& model, std::int32_t id);

}  // namespace tool
