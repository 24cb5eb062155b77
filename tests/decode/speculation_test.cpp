// Guesses change how fast ids come, not which.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "base/caught.h"
#include "data.h"
#include "loquor/generation.hpp"
#include "loquor/sampler.hpp"

namespace loquor {
namespace {

Model open(const char* name) {
  return Model(tests::golden(name).string(), {.compute_type = "f32"});
}

std::vector<std::int32_t> prompt(std::int32_t vocabulary, std::int32_t number) {
  std::vector<std::int32_t> ids;
  for (std::int32_t i = 0; i < 10; ++i) ids.push_back((i * i * 7 + number * 13 + 3) % vocabulary);
  return ids;
}

void check_same(const Output& plain, const Output& guessed) {
  CHECK(plain.ids == guessed.ids);
  CHECK(plain.score == guessed.score);
  CHECK(plain.finish_reason == guessed.finish_reason);
  CHECK(plain.scores.values == guessed.scores.values);
  REQUIRE(plain.logprobs.size() == guessed.logprobs.size());
  for (std::size_t i = 0; i < plain.logprobs.size(); ++i)
    CHECK(plain.logprobs[i].chosen.logprob == guessed.logprobs[i].chosen.logprob);
}

// Steps that a generation takes, and what it gives.
std::pair<int, Output> run(const Model& model, const std::vector<std::int32_t>& ids,
                           const GenerateOptions& options) {
  Generation generation = model.stream(ids, options);
  int steps = 0;
  while (generation.next()) ++steps;
  return {steps, generation.output()};
}

TEST_CASE("greedy decoding with guesses gives the ids of greedy decoding, to the bit") {
  for (const char* name : {"llama", "mistral", "gpt2"}) {
    CAPTURE(name);
    const Model model = open(name);
    const auto vocabulary = static_cast<std::int32_t>(model.info().vocabulary);
    int plain_steps = 0, lookup_steps = 0, own_steps = 0;
    for (std::int32_t number = 0; number < 6; ++number) {
      GenerateOptions options{.max_new_tokens = 30,
                              .eos_token_id = std::vector<std::int32_t>{number},
                              .do_sample = false,
                              .logprobs = 2,
                              .output_scores = true};
      if (number % 2 != 0) options.repetition_penalty = 1.3;
      const auto ids = prompt(vocabulary, number);
      const auto [steps, plain] = run(model, ids, options);
      GenerateOptions lookup = options;
      lookup.prompt_lookup_num_tokens = 4;
      lookup.max_matching_ngram_size = 1 + number % 3;
      const auto [fewer, looked_up] = run(model, ids, lookup);
      check_same(plain, looked_up);
      GenerateOptions own = options;
      own.assistant_model = std::make_shared<const Model>(model);
      const auto [fewest, assisted] = run(model, ids, own);
      check_same(plain, assisted);
      plain_steps += steps;
      lookup_steps += fewer;
      own_steps += fewest;
    }
    CHECK(lookup_steps <= plain_steps);
    CHECK(own_steps < plain_steps / 3);  // a model agrees with itself
  }
}

TEST_CASE("a bad assistant's guesses are turned down, up to the end of the context") {
  const Model model = open("llama");
  GenerateOptions options{.eos_token_id = std::vector<std::int32_t>{}, .do_sample = false};
  const auto ids = prompt(79, 1);
  const Output plain = model.generate(ids, options);
  CHECK(plain.finish_reason == FinishReason::context);
  options.assistant_model = std::make_shared<const Model>(open("llama_sharded"));
  options.num_assistant_tokens = 3;
  check_same(plain, model.generate(ids, options));
  options.assistant_model = {};
  options.num_assistant_tokens = {};
  options.prompt_lookup_num_tokens = 9;
  check_same(plain, model.generate(ids, options));
}

TEST_CASE("sampling with guesses from the text gives the ids of the seed") {
  const Model model = open("llama");
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    GenerateOptions options{.max_new_tokens = 24, .temperature = 0.4, .seed = seed};
    const auto ids = prompt(79, static_cast<std::int32_t>(seed));
    const Output plain = model.generate(ids, options);
    options.prompt_lookup_num_tokens = 3;
    check_same(plain, model.generate(ids, options));
  }
}

// How likely each id is as the first, second and third of a continuation.
std::vector<std::vector<double>> likely_ids(const Model& model,
                                            const std::vector<std::int32_t>& ids,
                                            const GenerateOptions& options) {
  const auto vocabulary = static_cast<std::size_t>(model.info().vocabulary);
  std::vector<std::vector<double>> likely(3, std::vector<double>(vocabulary));
  const Sampler sampler(options);
  std::map<std::vector<std::int32_t>, double> all{{ids, 1.0}};
  for (auto& position : likely) {
    std::map<std::vector<std::int32_t>, double> longer;
    for (const auto& [so_far, probability] : all) {
      const auto next = sampler.probabilities(model.logits(so_far, 1).values, so_far,
                                              static_cast<std::int64_t>(ids.size()));
      for (std::size_t id = 0; id < vocabulary; ++id) {
        if (next[id] <= 0) continue;
        auto sequence = so_far;
        sequence.push_back(static_cast<std::int32_t>(id));
        const double one = probability * static_cast<double>(next[id]);
        position[id] += one;
        longer[sequence] = one;
      }
    }
    all = std::move(longer);
  }
  return likely;
}

TEST_CASE("an assistant's guesses leave the distribution of samples as it is") {
  const Model model = open("llama");
  GenerateOptions options{.max_new_tokens = 4,
                          .eos_token_id = std::vector<std::int32_t>{},
                          .do_sample = true,
                          .temperature = 3.0,
                          .top_k = 30};
  const auto ids = prompt(79, 2);
  const auto likely = likely_ids(model, ids, options);
  options.assistant_model = std::make_shared<const Model>(open("llama_sharded"));
  options.num_assistant_tokens = 2;
  std::vector<std::vector<int>> counts(3, std::vector<int>(79));
  const int runs = 6000;
  int steps = 0;
  for (int i = 0; i < runs; ++i) {
    options.seed = static_cast<std::uint64_t>(i);
    const auto [taken, output] = run(model, ids, options);
    steps += taken;
    REQUIRE(output.ids.size() == 4);
    for (std::size_t at = 0; at < 3; ++at) ++counts[at][static_cast<std::size_t>(output.ids[at])];
  }
  for (std::size_t at = 0; at < 3; ++at) {
    for (std::size_t id = 0; id < 79; ++id) {
      CAPTURE(at);
      CAPTURE(id);
      const double p = likely[at][id];
      CHECK(std::abs(counts[at][id] - runs * p) <= 5 * std::sqrt(runs * p * (1 - p)) + 1);
    }
  }
  // Some guesses were kept and some turned down.
  CHECK(steps < 4 * runs);
  CHECK(steps > 2 * runs);
}

TEST_CASE("a session that guesses were made in stands where it would stand without") {
  const Model model = open("qwen2_window");
  const auto ids = prompt(61, 4);
  GenerateOptions options{
      .max_new_tokens = 20, .eos_token_id = std::vector<std::int32_t>{}, .do_sample = false};
  Session plain(model), guessed(model);
  const Output expected = Generation(plain, ids, options).finish();
  options.prompt_lookup_num_tokens = 6;
  check_same(expected, Generation(guessed, ids, options).finish());
  CHECK(plain.ids() == guessed.ids());
  const std::vector<std::int32_t> next{expected.ids.back()};
  CHECK(plain.append(next) == guessed.append(next));
}

TEST_CASE("an encoder-decoder's guesses change no id, whether its own or a smaller model's") {
  for (const char* name : {"t5", "bart", "marian"}) {
    CAPTURE(name);
    const Model model = open(name);
    int plain_steps = 0, own_steps = 0;
    for (std::int32_t number = 0; number < 4; ++number) {
      GenerateOptions options{.max_new_tokens = 24,
                              .eos_token_id = std::vector<std::int32_t>{number + 3},
                              .do_sample = false,
                              .decoder_input_ids = std::vector<std::int32_t>{9, 33},
                              .logprobs = 1,
                              .output_scores = true};
      if (number % 2 != 0) {
        options.repetition_penalty = 1.3;
        options.encoder_no_repeat_ngram_size = 2;
        options.decoder_input_ids = {};
      }
      const auto ids = prompt(61, number);
      const auto [steps, plain] = run(model, ids, options);
      GenerateOptions lookup = options;
      lookup.prompt_lookup_num_tokens = 4;
      check_same(plain, run(model, ids, lookup).second);
      GenerateOptions own = options;
      own.assistant_model = std::make_shared<const Model>(model);
      const auto [fewer, assisted] = run(model, ids, own);
      check_same(plain, assisted);
      own.assistant_model =
          std::make_shared<const Model>(open(name == std::string("t5") ? "t5_gated" : "pegasus"));
      check_same(plain, run(model, ids, own).second);
      plain_steps += steps;
      own_steps += fewer;
    }
    CHECK(own_steps < plain_steps / 2);  // it reads the same source, and so agrees with itself
  }
}

TEST_CASE("an assistant of another kind, or too short for the source, is refused") {
  const auto refusal = [](const char* model, const std::vector<std::int32_t>& ids,
                          const char* assistant) {
    const GenerateOptions options{.assistant_model =
                                      std::make_shared<const Model>(open(assistant))};
    return std::string(tests::caught([&] { open(model).generate(ids, options); }).what());
  };
  const std::vector<std::int32_t> few{5, 6};
  CHECK(refusal("bart", few, "llama") ==
        "option assistant_model: found a model that is decoder-only, expected one that is "
        "encoder-decoder, as the model itself");
  CHECK(refusal("llama", few, "bart") ==
        "option assistant_model: found a model that is encoder-decoder, expected one that is "
        "decoder-only, as the model itself");
  CHECK(refusal("llama", few, "bert").find("found a model that is encoder-only") !=
        std::string::npos);
  // T5 reads sources of any length, BART of 40 tokens.
  CHECK(refusal("t5", std::vector<std::int32_t>(41, 7), "bart") ==
        "option assistant_model: 41 tokens do not fit: the model has 40 positions");
}

}  // namespace
}  // namespace loquor
