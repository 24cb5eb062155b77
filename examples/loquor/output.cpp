#include "output.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tool {

namespace {

double rate(std::int64_t tokens, double seconds) {
  return seconds > 0 ? static_cast<double>(tokens) / seconds : 0;
}

// The first token comes with the prompt; the others are what generating takes.
double generate_rate(const loquor::Timings& timings) {
  return rate(timings.generated_tokens - 1, timings.generate_seconds);
}

Json logprob_json(const loquor::TokenLogprob& entry) {
  return JsonObject().add("id", entry.id).add("logprob", static_cast<double>(entry.logprob)).json();
}

JsonObject sequence_json(const loquor::Sequence& sequence) {
  std::vector<Json> logprobs;
  for (const auto& [chosen, top] : sequence.logprobs) {
    std::vector<Json> alternatives;
    for (const auto& entry : top) alternatives.push_back(logprob_json(entry));
    logprobs.push_back(JsonObject()
                           .add("id", chosen.id)
                           .add("logprob", static_cast<double>(chosen.logprob))
                           .add("top", alternatives)
                           .json());
  }
  return JsonObject()
      .add("text", sequence.text)
      .add("ids", sequence.ids)
      .add("score", sequence.score)
      .add("finish_reason", name(sequence.finish_reason))
      .add("logprobs", logprobs);
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return;
  throw OutputError(std::string("cannot write: ") + std::strerror(errno), errno == EPIPE);
}

void print_line(const Json& json) { print(json.text + "\n"); }

void note(std::string_view text) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string megabytes(std::int64_t bytes) {
  return fixed(static_cast<double>(bytes) / 1e6, 1) + " MB";
}

std::int64_t peak_memory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

std::string timings_line(double load_seconds, const loquor::Timings& timings) {
  return "load " + fixed(load_seconds, 2) + " s, prompt " + std::to_string(timings.prompt_tokens) +
         " tokens at " + fixed(rate(timings.prompt_tokens, timings.prompt_seconds), 1) +
         " tokens/s, generated " + std::to_string(timings.generated_tokens) + " tokens at " +
         fixed(generate_rate(timings), 1) + " tokens/s, peak memory " + megabytes(peak_memory());
}

Json output_json(const loquor::Output& output, double load_seconds) {
  const loquor::Timings& timings = output.timings;
  const Json times = JsonObject()
                         .add("load_seconds", load_seconds)
                         .add("prompt_tokens", timings.prompt_tokens)
                         .add("cached_tokens", timings.cached_tokens)
                         .add("prompt_seconds", timings.prompt_seconds)
                         .add("generated_tokens", timings.generated_tokens)
                         .add("generate_seconds", timings.generate_seconds)
                         .add("peak_memory", peak_memory())
                         .json();
  std::vector<Json> sequences;
  for (const loquor::Sequence& sequence : output.sequences)
    sequences.push_back(sequence_json(sequence).json());
  return sequence_json(output)
      .add("seed", output.seed)
      .add("timings", times)
      .add("dropped_turns", output.dropped_turns)
      .add("sequences", sequences)
      .json();
}

}  // namespace tool
