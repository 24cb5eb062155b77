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

Json timings_json(const Timings& timings) {
  return Json::Object{{"prompt_tokens", timings.prompt_tokens},
                      {"cached_tokens", timings.cached_tokens},
                      {"prompt_seconds", timings.prompt_seconds},
                      {"generated_tokens", timings.generated_tokens},
                      {"generate_seconds", timings.generate_seconds}};
}

}  // namespace

Json output_json(const Output& output) {
  return Json::Object{{"text", output.text},
                      {"ids", Json::Array(output.ids.begin(), output.ids.end())},
                      {"score", output.score},
                      {"finish_reason", name(output.finish_reason)},
                      {"seed", static_cast<std::int64_t>(output.seed)},
                      {"timings", timings_json(output.timings)},
                      {"logprobs", logprobs_json(output.logprobs)},
                      {"dropped_turns", output.dropped_turns}};
}

}  // namespace loquor::capi
