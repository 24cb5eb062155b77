#include "json.h"

namespace loquor::capi {

namespace {

Json logprob_json(const TokenLogprob& entry) {
  return Json::Object{{"id", entry.id}, {"logprob", static_cast<double>(entry.logprob)}};
}

Json logprobs_json(const std::vector<Logprobs>& logprobs) {
  auto list = Json::array();
  for (const auto& [chosen, top] : logprobs) {
    auto entry = logprob_json(chosen);
    auto alternatives = Json::array();
    for (const auto& alternative : top) alternatives.push_back(logprob_json(alternative));
    entry["top"] = std::move(alternatives);
    list.push_back(std::move(entry));
  }
  return list;
}

Json::Object sequence_json(const Sequence& sequence) {
  return {{"text", sequence.text},
          {"ids", Json::Array(sequence.ids.begin(), sequence.ids.end())},
          {"score", sequence.score},
          {"finish_reason", name(sequence.finish_reason)},
          {"logprobs", logprobs_json(sequence.logprobs)}};
}

Json timings_json(const Timings& timings) {
  return Json::Object{{"prompt_tokens", timings.prompt_tokens},
                      {"cached_tokens", timings.cached_tokens},
                      {"prompt_seconds", timings.prompt_seconds},
                      {"generated_tokens", timings.generated_tokens},
                      {"generate_seconds", timings.generate_seconds}};
}

}  // namespace

Json output_json(const Output& output) {
  Json::Object json = sequence_json(output);
  json.emplace_back("seed", static_cast<std::int64_t>(output.seed));
  json.emplace_back("timings", timings_json(output.timings));
  json.emplace_back("dropped_turns", output.dropped_turns);
  Json::Array sequences;
  for (const Sequence& sequence : output.sequences) sequences.push_back(sequence_json(sequence));
  json.emplace_back("sequences", std::move(sequences));
  return json;
}

}  // namespace loquor::capi
