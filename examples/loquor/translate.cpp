// loquor translate, summarize: texts that an encoder-decoder makes of texts.
#include "commands.h"

namespace tool {

namespace {

template <class Options, class Call>
int run_with(const TaskCommand& command, Call&& call) {
  auto options = command.options.options<Options>();
  options.generate.cancel = interrupt();
  const auto texts = read_texts(command.texts);
  const OpenedModel opened(command.model);
  const std::vector<loquor::Output> outputs = call(opened.model, texts, options);
  bool is_cancelled = false;
  for (const loquor::Output& output : outputs) {
    is_cancelled |= output.finish_reason == loquor::FinishReason::cancelled;
    if (command.model.json) {
      print_line(output_json(output, opened.load_seconds));
      continue;
    }
    for (const loquor::Sequence& sequence : output.sequences) print(sequence.text + "\n");
  }
  return is_cancelled ? kInterrupted : 0;
}

}  // namespace

int run(const TranslateCommand& command) {
  return run_with<loquor::TranslateOptions>(
      command, [](const auto& model, const auto& texts, const auto& options) {
        return model.translate(texts, options);
      });
}

int run(const SummarizeCommand& command) {
  return run_with<loquor::SummarizeOptions>(
      command, [](const auto& model, const auto& texts, const auto& options) {
        return model.summarize(texts, options);
      });
}

}  // namespace tool
