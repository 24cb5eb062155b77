// loquor perplexity: exp of the mean negative log-likelihood of a text's tokens, in windows that do
// not overlap, each scored by itself: its ids from the second on, given those before them.
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "commands.h"

namespace tool {

namespace {

struct Score {
  double negative_log_likelihood = 0;
  std::int64_t scored = 0;
  std::int64_t windows = 0;

  double perplexity() const {
    return std::exp(negative_log_likelihood / static_cast<double>(scored));
  }
};

Score score(const loquor::Model& model, std::span<const std::int32_t> ids, std::size_t window) {
  Score score;
  for (std::size_t begin = 0; begin + 1 < ids.size(); begin += window) {
    const auto part = ids.subspan(begin, std::min(window, ids.size() - begin));
    for (const float value : model.log_probabilities(part, interrupt())) {
      score.negative_log_likelihood -= static_cast<double>(value);
      ++score.scored;
    }
    ++score.windows;
    if (isatty(STDERR_FILENO))
      note(std::to_string(begin + part.size()) + "/" + std::to_string(ids.size()) +
           " tokens: perplexity " + fixed(score.perplexity(), 4));
  }
  return score;
}

}  // namespace

int run(const PerplexityCommand& command) {
  const std::string text = read_file(command.file);
  const OpenedModel opened(command.model);
  auto ids = opened.model.tokenizer().encode(text, {.add_special_tokens = false});
  if (command.tokens && static_cast<std::int64_t>(ids.size()) > *command.tokens)
    ids.resize(static_cast<std::size_t>(*command.tokens));
  if (ids.size() < 2)
    throw std::runtime_error(command.file + ": found fewer than 2 tokens to score");
  constexpr std::int64_t kUsualWindow = 1024;
  const std::int64_t window =
      command.window.value_or(std::min(kUsualWindow, opened.model.info().context_length));
  const Stopwatch since;
  const Score found = score(opened.model, ids, static_cast<std::size_t>(window));
  const double seconds = since.seconds();
  if (command.model.json) {
    print_line(JsonObject()
                   .add("perplexity", found.perplexity())
                   .add("negative_log_likelihood", found.negative_log_likelihood)
                   .add("scored", found.scored)
                   .add("tokens", ids.size())
                   .add("windows", found.windows)
                   .add("window", window)
                   .add("seconds", seconds)
                   .json());
  } else {
    print("perplexity " + fixed(found.perplexity(), 6) + " of " + std::to_string(found.scored) +
          " tokens in " + std::to_string(found.windows) + " windows of " + std::to_string(window) +
          ", " + fixed(static_cast<double>(ids.size()) / seconds, 1) + " tokens/s\n");
  }
  return 0;
}

}  // namespace tool
