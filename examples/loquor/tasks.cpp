// loquor embed, classify, tag, fill-mask, rerank, answer, zero-shot, score: tasks on texts.
#include <unistd.h>

#include <sstream>

#include "commands.h"
#include "loquor/json.hpp"

namespace tool {

namespace {

using loquor::Input;

template <class Options>
Options options_of(const TaskCommand& command) {
  auto options = command.options.options<Options>();
  options.input.cancel = interrupt();
  return options;
}

std::vector<Input> inputs(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::string number(double value) { return fixed(value, 6); }

// A line for each label: the input's place, the score, the label.
void print_labels(const std::vector<std::vector<loquor::LabelScore>>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (const auto& [label, score] : labels[i])
      print(std::to_string(i) + "\t" + number(score) + "\t" + label + "\n");
  }
}

// Prints a result as JSON, or as text.
template <class Result, class Print>
int show(const TaskCommand& command, const Result& result, Print&& as_text) {
  if (command.model.json)
    print_line(Json{loquor::to_json(result)});
  else
    as_text(result);
  return 0;
}

}  // namespace

std::vector<std::string> read_texts(const std::vector<std::string>& given) {
  if (!given.empty()) return given;
  if (isatty(STDIN_FILENO))
    throw UsageError("no text was given (standard input is read line by line)");
  std::istringstream lines(read_file("-"));
  std::vector<std::string> texts;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) texts.push_back(line);
  }
  return texts;
}

int run(const EmbedCommand& command) {
  const auto options = options_of<loquor::EmbedOptions>(command);
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  const loquor::Matrix rows = opened.model.embed(inputs(texts), options);
  for (std::int64_t i = 0; i < rows.rows; ++i) {
    std::vector<double> values(rows.row(i).begin(), rows.row(i).end());
    if (command.model.json) {
      print_line(JsonObject()
                     .add("text", texts[static_cast<std::size_t>(i)])
                     .add("embedding", values)
                     .json());
      continue;
    }
    std::string line;
    for (const double value : values) line += (line.empty() ? "" : " ") + number(value);
    print(line + "\n");
  }
  return 0;
}

int run(const ClassifyCommand& command) {
  const auto options = options_of<loquor::ClassifyOptions>(command);
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  return show(command, opened.model.classify(inputs(texts), options), print_labels);
}

int run(const ZeroShotCommand& command) {
  const auto options = options_of<loquor::ZeroShotOptions>(command);
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  return show(command, opened.model.zero_shot(texts, command.labels, options), print_labels);
}

int run(const TagCommand& command) {
  const auto options = options_of<loquor::TagOptions>(command);
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  return show(command, opened.model.tag(inputs(texts), options), [](const auto& found) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (const loquor::Entity& entity : found[i]) {
        print(std::to_string(i) + "\t" + number(entity.score) + "\t" + entity.label + "\t" +
              std::to_string(entity.range.begin) + "-" + std::to_string(entity.range.end) + "\t" +
              entity.word + "\n");
      }
    }
  });
}

int run(const FillMaskCommand& command) {
  const auto options = options_of<loquor::FillMaskOptions>(command);
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  return show(command, opened.model.fill_mask(inputs(texts), options), [](const auto& found) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (const auto& mask : found[i]) {
        for (const loquor::Fill& fill : mask) {
          print(std::to_string(i) + "\t" + number(fill.score) + "\t" + fill.token + "\t" +
                fill.sequence + "\n");
        }
      }
    }
  });
}

int run(const RerankCommand& command) {
  const auto options = options_of<loquor::RerankOptions>(command);
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  return show(command, opened.model.rerank(command.query, texts, options), [&](const auto& ranked) {
    for (const auto& [index, score] : ranked) {
      print(std::to_string(index) + "\t" + number(score) + "\t" +
            texts[static_cast<std::size_t>(index)] + "\n");
    }
  });
}

int run(const AnswerCommand& command) {
  const auto options = options_of<loquor::AnswerOptions>(command);
  const std::string context = command.context == "-" ? read_file("-") : command.context;
  const OpenedModel opened(command.model);
  return show(command, opened.model.answer({{command.question, context}}, options),
              [](const auto& found) {
                for (const loquor::Answer& answer : found[0]) {
                  print(number(answer.score) + "\t" + std::to_string(answer.range.begin) + "-" +
                        std::to_string(answer.range.end) + "\t" + answer.text + "\n");
                }
              });
}

int run(const ScoreCommand& command) {
  const auto options = options_of<loquor::ScoreOptions>(command);
  const auto texts = read_texts(command.texts);
  std::vector<Input> given;
  for (const std::string& text : texts) {
    if (command.given.empty())
      given.emplace_back(text);
    else
      given.emplace_back(loquor::TextPair{command.given, text});
  }
  const OpenedModel opened(command.model);
  return show(command, opened.model.score(given, options), [](const auto& scores) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      print(std::to_string(i) + "\t" + number(scores[i].log_probability) + "\t" +
            std::to_string(scores[i].ids.size()) + " tokens\n");
    }
  });
}

}  // namespace tool
