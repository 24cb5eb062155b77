// loquor logits: the likeliest tokens after each position of a text.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "commands.h"

namespace tool {

namespace {

std::vector<std::int32_t> likeliest(std::span<const float> logits, std::int64_t top) {
  std::vector<std::int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto end = ids.begin() + std::min<std::int64_t>(top, static_cast<std::int64_t>(ids.size()));
  std::partial_sort(ids.begin(), end, ids.end(), [&](std::int32_t a, std::int32_t b) {
    const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  ids.erase(end, ids.end());
  return ids;
}

double log_sum_exp(std::span<const float> logits) {
  const double most = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - most);
  return most + std::log(sum);
}

struct Position {
  std::size_t index;
  std::int32_t id;
  std::span<const float> logits;  // (V)
};

void print_position(const LogitsCommand& command, const loquor::Model& model,
                    const Position& position) {
  const double total = log_sum_exp(position.logits);
  std::vector<Json> top;
  std::string line = std::to_string(position.index) + "\t" + token_name(model, position.id);
  for (const std::int32_t id : likeliest(position.logits, command.top)) {
    const auto logit = static_cast<double>(position.logits[static_cast<std::size_t>(id)]);
    const std::string name = token_name(model, id);
    top.push_back(JsonObject()
                      .add("id", id)
                      .add("token", name)
                      .add("logit", logit)
                      .add("logprob", logit - total)
                      .json());
    line += "\t" + std::to_string(id) + " " + name + " " + fixed(logit, 4);
  }
  if (!command.model.json) return print(line + "\n");
  print_line(JsonObject()
                 .add("position", position.index)
                 .add("id", position.id)
                 .add("token", token_name(model, position.id))
                 .add("top", top)
                 .json());
}

}  // namespace

int run(const LogitsCommand& command) {
  command.text.encode
      .options<loquor::EncodeOptions>();  // wrong ones are told before the model loads
  const OpenedModel opened(command.model);
  const std::vector<std::int32_t> ids = command.text.encoded(opened.model);
  loquor::Session session(opened.model, {.context_length = 0, .cancel = interrupt()});
  const std::size_t first =
      ids.size() - std::min(ids.size(), static_cast<std::size_t>(command.last.value_or(
                                            static_cast<std::int64_t>(ids.size()))));
  // Some positions at a time: their logits are wide.
  constexpr std::size_t kStep = 64;
  for (std::size_t begin = 0; begin < std::max<std::size_t>(ids.size(), 1); begin += kStep) {
    const auto chunk = std::span(ids).subspan(begin, std::min(kStep, ids.size() - begin));
    const auto logits = session.append_logits(chunk, static_cast<std::int64_t>(chunk.size()));
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (begin + i < first) continue;
      print_position(command, opened.model,
                     {begin + i, chunk[i], logits.row(static_cast<std::int64_t>(i))});
    }
  }
  return 0;
}

}  // namespace tool
