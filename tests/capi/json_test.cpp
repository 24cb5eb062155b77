// Outputs as JSON.
#include "json.h"

#include <doctest/doctest.h>

using namespace loquor;
using namespace loquor::capi;

TEST_CASE("an output's JSON holds all of it") {
  Output output;
  output.text = "Hi";
  output.ids = {5, 6};
  output.score = -1.5;
  output.finish_reason = FinishReason::stop;
  output.timings = {3, 1, 0.5, 2, 0.25};
  output.seed = 42;
  output.logprobs = {{{5, -1}, {{5, -1}, {9, -2}}}};
  output.sequences.resize(1);
  output.sequences[0].ids = {5};
  CHECK(output_json(output) == Json::parse(R"({"text": "Hi", "ids": [5, 6], "score": -1.5,
    "finish_reason": "stop",
    "logprobs": [{"id": 5, "logprob": -1, "top": [{"id": 5, "logprob": -1}, {"id": 9, "logprob": -2}]}],
    "seed": 42,
    "timings": {"prompt_tokens": 3, "cached_tokens": 1, "prompt_seconds": 0.5, "generated_tokens": 2, "generate_seconds": 0.25},
    "dropped_turns": 0,
    "sequences": [{"text": "", "ids": [5], "score": 0.0, "finish_reason": "none", "logprobs": []}]})"));
}
