// Generations of several sequences: what they share, stream and refuse.
#include <doctest/doctest.h>

#include <numeric>
#include <set>
#include <stdexcept>

#include "data.h"
#include "decode/generation/generation_defaults.h"
#include "loquor/generation.hpp"
#include "loquor/options_json.hpp"

namespace loquor {
namespace {

Model open(const char* name) {
  return Model(tests::golden(name).string(), {.compute_type = "f32"});
}

GenerateOptions beams(std::int64_t count, std::int64_t tokens) {
  return {.max_new_tokens = tokens,
          .eos_token_id = std::vector<std::int32_t>{},
          .do_sample = false,
          .num_beams = count,
          .num_return_sequences = count};
}

std::string refusal(const Model& model, const GenerateOptions& options) {
  try {
    model.stream(std::vector<std::int32_t>{1, 2, 3}, options);
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    return error.what();
  }
  return "taken";
}

TEST_CASE("beams share the keys and values of what they have in common") {
  const Model model = open("llama3_rope");
  std::vector<std::int32_t> prompt;
  for (std::int32_t i = 0; i < 226; ++i) prompt.push_back(i % 61);
  const auto cache_memory = [&](std::int64_t count) {
    const std::int64_t before = model.runtime().memory_used();
    Generation generation = model.stream(prompt, beams(count, 20));
    for (int i = 0; i < 12; ++i) generation.next();
    return model.runtime().memory_used() - before;
  };
  const std::int64_t of_prompt = 226 * model.info().cache_bytes_per_position;
  // Each beam may own a block or two of 32 positions, and rows of its own in the workspace.
  CHECK(cache_memory(16) - cache_memory(2) < 14 * of_prompt / 3);
}

TEST_CASE("a session that beams began in keeps the prompt, and gives the same again") {
  const Model model = open("llama");
  Session session(model);
  const std::vector<std::int32_t> prompt{5, 9, 33, 2};
  const Output first = Generation(session, prompt, beams(3, 9)).finish();
  CHECK(session.ids() == prompt);
  CHECK(first.timings.prompt_tokens == 4);
  CHECK(first.timings.generated_tokens == 9);
  session.rewind(2);
  const Output again = Generation(session, std::vector<std::int32_t>{33, 2}, beams(3, 9)).finish();
  REQUIRE(again.sequences.size() == 3);
  CHECK(again.timings.cached_tokens == 2);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(again.sequences[i].ids == first.sequences[i].ids);
    CHECK(again.sequences[i].score == first.sequences[i].score);
  }
}

TEST_CASE("a stream of beams gives what is settled, and joined the best sequence") {
  const Model model = open("chat_llama");
  bool any_early = false;
  for (const char* prompt : {"The capital of", "Once", "A river is", "Two and two"}) {
    Generation generation = model.stream(prompt, beams(4, 30));
    Piece joined;
    while (const auto piece = generation.next()) {
      joined.text += piece->text;
      joined.ids.insert(joined.ids.end(), piece->ids.begin(), piece->ids.end());
      const bool over = generation.finish_reason() != FinishReason::none;
      any_early = any_early || (!over && !piece->ids.empty());
      CHECK(generation.output().ids == joined.ids);
    }
    const Output& output = generation.output();
    CHECK(joined.ids == output.ids);
    CHECK(joined.text == output.text);
    CHECK(output.text == output.sequences[0].text);
    CHECK(output.ids == output.sequences[0].ids);
    for (std::size_t i = 1; i < output.sequences.size(); ++i)
      CHECK(output.sequences[i - 1].score >= output.sequences[i].score);
  }
  CHECK(any_early);
}

TEST_CASE("a stop string ends beams as an end of text does, and is no part of the text") {
  const Model model = open("chat_llama");
  const Output free = model.generate("The capital of", beams(4, 24));
  GenerateOptions options = beams(4, 24);
  const auto is_ascii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
  std::size_t at = free.text.size() / 3;
  while (!is_ascii(free.text[at]) || !is_ascii(free.text[at + 1])) ++at;
  options.stop_strings = {free.text.substr(at, 2)};
  const Output output = model.generate("The capital of", options);
  std::size_t stopped = 0;
  for (const Sequence& sequence : output.sequences) {
    CHECK(sequence.text.find(options.stop_strings[0]) == std::string::npos);
    stopped += sequence.finish_reason == FinishReason::stop;
    CHECK((sequence.finish_reason == FinishReason::stop) == (sequence.ids.size() < 24));
  }
  CHECK(stopped > 0);
}

TEST_CASE("beams end by time, by cancel and at the end of the context, with what there is") {
  const Model model = open("llama");
  const std::vector<std::int32_t> prompt{1, 2, 3};
  GenerateOptions options = beams(3, 40);
  options.max_time = 1e-9;
  const Output late = model.generate(prompt, options);
  CHECK(late.finish_reason == FinishReason::time);
  CHECK(late.ids.size() == 1);
  CHECK(late.sequences.size() == 3);

  options = beams(3, 40);
  Generation generation = model.stream(prompt, options);
  for (int i = 0; i < 5; ++i) generation.next();
  generation.cancel();
  const Output cancelled = generation.finish();
  CHECK(cancelled.finish_reason == FinishReason::cancelled);
  CHECK(cancelled.ids.size() == 5);
  CHECK(cancelled.sequences.size() == 3);
  CHECK_FALSE(generation.next());

  options = beams(3, 40);
  options.max_new_tokens = {};
  const Output full = model.generate(prompt, options);
  CHECK(full.finish_reason == FinishReason::context);
  CHECK(static_cast<std::int64_t>(full.ids.size()) == model.info().context_length - 3 + 1);
  options.max_new_tokens = 0;
  CHECK(model.generate(prompt, options).ids.empty());
  CHECK(model.generate(prompt, options).finish_reason == FinishReason::length);
}

TEST_CASE("sampling at a temperature near zero is beam search") {
  for (const char* name : {"llama", "gpt2", "qwen2"}) {
    const Model model = open(name);
    const std::vector<std::int32_t> prompt{7, 21, 3, 40};
    const Output searched = model.generate(prompt, beams(4, 10));
    GenerateOptions cold = beams(4, 10);
    cold.do_sample = true;
    cold.temperature = 1e-4;
    const Output sampled = model.generate(prompt, cold);
    REQUIRE(sampled.sequences.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(sampled.sequences[i].ids == searched.sequences[i].ids);
      CHECK(sampled.sequences[i].score * 1e-4 ==
            doctest::Approx(searched.sequences[i].score).epsilon(1e-5));
    }
  }
}

TEST_CASE("several draws come from one prompt, the first as if alone") {
  const Model model = open("chat_llama");
  GenerateOptions options{.max_new_tokens = 12, .temperature = 1.4, .seed = 11};
  const Output one = model.generate("The capital of", options);
  REQUIRE(one.sequences.size() == 1);
  options.num_return_sequences = 5;
  options.logprobs = 1;
  const Output many = model.generate("The capital of", options);
  REQUIRE(many.sequences.size() == 5);
  CHECK(many.ids == one.ids);
  CHECK(many.score == one.score);
  CHECK(many.sequences[0].text == one.text);
  std::set<std::vector<std::int32_t>> different;
  std::int64_t total = 0;
  for (const Sequence& sequence : many.sequences) {
    different.insert(sequence.ids);
    total += static_cast<std::int64_t>(sequence.ids.size());
    CHECK(sequence.finish_reason != FinishReason::none);
    CHECK(sequence.logprobs.size() == sequence.ids.size());
  }
  CHECK(different.size() == 5);
  CHECK(many.timings.generated_tokens == total);
}

TEST_CASE("in a list of prompts beams, draws and guesses give each what a lone call gives") {
  const Model model = open("llama");
  std::vector<std::vector<std::int32_t>> prompts;
  for (std::int32_t i = 0; i < 20; ++i) prompts.push_back({i, 2 * i + 3, 78 - i, i, 2 * i + 3});
  GenerateOptions draws{.max_new_tokens = 7, .temperature = 1.5, .num_return_sequences = 3};
  draws.seed = 4;
  GenerateOptions guesses{.max_new_tokens = 7, .do_sample = false};
  guesses.prompt_lookup_num_tokens = 2;
  for (GenerateOptions options : {beams(3, 7), draws, guesses}) {
    const std::vector<Output> outputs = model.generate(prompts, options);
    REQUIRE(outputs.size() == prompts.size());
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      options.seed = outputs[i].seed;
      const Output alone = model.generate(std::span<const std::int32_t>(prompts[i]), options);
      REQUIRE(outputs[i].sequences.size() == alone.sequences.size());
      for (std::size_t k = 0; k < alone.sequences.size(); ++k) {
        CHECK(outputs[i].sequences[k].ids == alone.sequences[k].ids);
        CHECK(outputs[i].sequences[k].score == alone.sequences[k].score);
      }
      CHECK(outputs[i].timings.prompt_tokens == 5);
    }
  }
}

TEST_CASE("allowed tokens can be set before each step in place of a callback") {
  const Model model = open("llama");
  const auto rule = [](std::span<const std::int32_t> ids) {
    std::vector<std::int32_t> allowed;
    for (std::int32_t id = ids.back() % 5; id < 79; id += 5) allowed.push_back(id);
    return allowed;
  };
  for (const std::int64_t count : {1, 4}) {
    GenerateOptions options = beams(count, 9);
    options.prefix_allowed_tokens = rule;
    const std::vector<std::int32_t> prompt{4, 8, 15};
    const Output called = model.generate(prompt, options);
    options.prefix_allowed_tokens = {};
    Generation generation = model.stream(prompt, options);
    do {
      const auto live = generation.live();
      for (std::size_t i = 0; i < live.size(); ++i) generation.allow(i, rule(live[i]));
    } while (generation.next());
    CHECK(generation.output().ids == called.ids);
    CHECK(generation.output().score == called.score);
    CHECK(model.generate(prompt, options).ids != called.ids);
    CHECK_THROWS_AS(generation.allow(0, {1}), Error);  // nothing goes on
  }
}

TEST_CASE("a callback that throws leaves the generation where it was") {
  const Model model = open("llama");
  for (const std::int64_t count : {1, 3}) {
    GenerateOptions options = beams(count, 9);
    const std::vector<std::int32_t> prompt{4, 8, 15};
    const Output expected = model.generate(prompt, options);
    int calls = 0, thrown = 0;
    options.prefix_allowed_tokens = [&](std::span<const std::int32_t>) {
      if (++calls % 7 == 0) throw std::runtime_error("not now");
      std::vector<std::int32_t> all(79);
      std::iota(all.begin(), all.end(), 0);
      return all;
    };
    Generation generation = model.stream(prompt, options);
    for (bool over = false; !over;) {
      try {
        over = !generation.next();
      } catch (const std::runtime_error&) {
        ++thrown;
      }
    }
    CHECK(generation.output().ids == expected.ids);
    CHECK(thrown == calls / 7);
  }
}

TEST_CASE("options that do not go together, or not with the model, are refused in one line") {
  const Model model = open("llama");
  CHECK(refusal(model, {.num_beams = 80}) ==
        "option num_beams: found 80, expected at most the vocabulary's 79 tokens");
  CHECK(refusal(model, {.num_beams = 0}) ==
        "option num_beams: found 0, expected an integer of at least 1");
  CHECK(refusal(model, {.num_beams = 2, .num_return_sequences = 3}) ==
        "option num_return_sequences: found 3, expected at most num_beams, which is 2");
  CHECK(refusal(model, {.num_return_sequences = 2}).starts_with("option num_return_sequences: "));
  CHECK(refusal(model, {.length_penalty = 2.0}) ==
        "option length_penalty: expected num_beams above 1 beside it");
  CHECK(refusal(model, {.early_stopping = "true"}) ==
        "option early_stopping: expected num_beams above 1 beside it");
  CHECK(refusal(model, {.num_beams = 2, .early_stopping = "soon"}) ==
        "option early_stopping: found 'soon', expected one of [\"false\",\"true\",\"never\"]");
  CHECK(refusal(model, {.sequence_bias = {{{3, 79}, 1.0}}}) ==
        "option sequence_bias: found token id 79, and the vocabulary has 79 tokens");
  CHECK(refusal(model, {.bad_words_ids = {{1}, {}}}).starts_with("option bad_words_ids: "));
  CHECK(refusal(model, {.bad_words_ids = {{99}}}).starts_with("option bad_words_ids: "));
  CHECK(refusal(model, {.suppress_tokens = std::vector<std::int32_t>{80}}) ==
        "option suppress_tokens: found token id 80, and the vocabulary has 79 tokens");
  CHECK(refusal(model, {.begin_suppress_tokens = std::vector<std::int32_t>{-1}})
            .starts_with("option begin_suppress_tokens: found [-1]"));
  CHECK(refusal(model, {.forced_bos_token_id = 79}).starts_with("option forced_bos_token_id: "));
  CHECK(refusal(model, {.suppress_tokens = std::vector<std::int32_t>{3},
                        .forced_eos_token_id = std::vector<std::int32_t>{3}}) ==
        "option forced_eos_token_id: found token id 3, which suppress_tokens has too");
  CHECK(refusal(model, {.max_matching_ngram_size = 3}) ==
        "option max_matching_ngram_size: expected prompt_lookup_num_tokens beside it");
  CHECK(refusal(model, {.num_assistant_tokens = 3}) ==
        "option num_assistant_tokens: expected assistant_model beside it");
  CHECK(refusal(model, {.num_beams = 2, .prompt_lookup_num_tokens = 3}) ==
        "option prompt_lookup_num_tokens: expected no num_beams beside it");
  CHECK(refusal(model, {.assistant_model = std::make_shared<const Model>(open("gpt2"))}) ==
        "option assistant_model: found a vocabulary of 73 tokens, expected that of the model, 79");
  for (const std::vector<std::int32_t>& allowed : {std::vector<std::int32_t>{}, {79}, {-1}}) {
    GenerateOptions options = beams(2, 5);
    options.prefix_allowed_tokens = [&](auto) { return allowed; };
    CHECK_THROWS_AS(model.generate(std::vector<std::int32_t>{1, 2}, options), Error);
  }
  std::vector<std::int32_t> all(79);
  std::iota(all.begin(), all.end(), 0);
  GenerateOptions none = beams(2, 5);
  none.suppress_tokens = all;
  CHECK_THROWS_AS(model.generate(std::vector<std::int32_t>{1, 2}, none), Error);
}

TEST_CASE("generation_config.json sets what its keys say, and a caller's options go before") {
  const Json config = Json::parse(R"({"num_beams": 4, "length_penalty": 2.0, "early_stopping": true,
    "no_repeat_ngram_size": 3, "forced_eos_token_id": 2, "forced_bos_token_id": 0, "min_length": 56,
    "bad_words_ids": [[58100]], "suppress_tokens": [1, 2], "begin_suppress_tokens": [220],
    "encoder_no_repeat_ngram_size": 0, "sequence_bias": [[[3, 4], -1.5]], "max_length": 142,
    "num_return_sequences": 2, "output_scores": true})");
  const GenerateOptions defaults = generation_defaults(config, "generation_config.json", Runtime());
  CHECK(to_json(defaults) ==
        R"({"max_length":142,"min_length":56,"num_beams":4,"num_return_sequences":2,)"
        R"("length_penalty":2.0,)"
        R"("early_stopping":"true","sequence_bias":[[[3,4],-1.5]],"no_repeat_ngram_size":3,)"
        R"("encoder_no_repeat_ngram_size":0,"bad_words_ids":[[58100]],"suppress_tokens":[1,2],)"
        R"("begin_suppress_tokens":[220],"forced_bos_token_id":0,"forced_eos_token_id":[2]})");
  const GenerateOptions laid = with_defaults({.num_beams = 1, .early_stopping = "never"}, defaults);
  CHECK(laid.num_beams == 1);
  CHECK(laid.early_stopping == "never");
  CHECK(laid.length_penalty == 2.0);
  CHECK(laid.bad_words_ids == defaults.bad_words_ids);
  CHECK(laid.forced_eos_token_id == defaults.forced_eos_token_id);
}

}  // namespace
}  // namespace loquor
