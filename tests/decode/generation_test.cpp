// The loop: what ends it, what it holds back, and how its results can be had again.
#include "loquor/generation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <thread>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "decode/chat_model.h"
#include "decode/generation/stop_strings.h"
#include "io/gguf_writer.h"

namespace loquor {
namespace {

// Greedy, and with no id that ends the text.
GenerateOptions endless(std::int64_t tokens) {
  return {
      .max_new_tokens = tokens, .eos_token_id = std::vector<std::int32_t>{}, .do_sample = false};
}

TEST_CASE("messages go through the model's template and give transformers' ids and text") {
  const Model model = chat_model();
  const Json expected = Json::parse(read_text(tests::golden("chat_llama/expected.json")));
  std::vector<Message> messages;
  for (const Json& message : expected.at("messages").as_array()) {
    messages.push_back({message.at("role").as_string(), message.at("content").as_string(), {}, {}});
  }
  CHECK(model.chat_template().render(messages) == expected.at("prompt").as_string());
  const Output output = model.generate(messages, endless(24));
  std::vector<std::int32_t> greedy;
  for (const Json& id : expected.at("greedy").as_array())
    greedy.push_back(static_cast<std::int32_t>(id.as_integer()));
  CHECK(output.ids == greedy);
  CHECK(output.text == expected.at("greedy_text").as_string());
  CHECK(output.finish_reason == FinishReason::length);
  CHECK(output.timings.generated_tokens == 24);
}

TEST_CASE("a stream's pieces joined are the whole text, each of whole characters") {
  const Model model = chat_model();
  const Output whole = model.generate("The capital of", endless(40));
  std::string joined;
  std::vector<std::int32_t> ids;
  for (const Piece& piece : model.stream("The capital of", endless(40))) {
    joined += piece.text;
    ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
  }
  CHECK(joined == whole.text);
  CHECK(ids == whole.ids);
}

TEST_CASE("a list of prompts gives each the output of a lone call with the seed that it reports") {
  const Model model = chat_model();
  std::vector<std::string> prompts;
  for (int i = 0; i < 40; ++i)
    prompts.push_back(std::string("The capital of ") + char('A' + i % 26));
  GenerateOptions options{.max_new_tokens = 12, .temperature = 1.5, .seed = 7, .logprobs = 1};
  options.stop_strings = {"e"};
  const std::vector<Output> outputs = model.generate(prompts, options);
  REQUIRE(outputs.size() == prompts.size());
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    CHECK(outputs[i].seed == 7 + i);
    options.seed = outputs[i].seed;
    const Output alone = model.generate(prompts[i], options);
    CHECK(outputs[i].ids == alone.ids);
    CHECK(outputs[i].text == alone.text);
    CHECK(outputs[i].score == alone.score);
    CHECK(outputs[i].finish_reason == alone.finish_reason);
    CHECK(outputs[i].logprobs.size() == alone.logprobs.size());
  }
  options.seed.reset();
  const auto drawn = model.generate(std::span<const std::string>(prompts).first(2), options);
  CHECK(drawn[0].seed != drawn[1].seed);
}

TEST_CASE("a list of ids: a wrong one is named before anything is generated, a cancel ends all") {
  const Model model(tests::golden("llama").string(), {.compute_type = "f32"});
  std::vector<std::vector<std::int32_t>> prompts(20, {1, 2, 3});
  GenerateOptions options = endless(5);
  CHECK(model.generate(std::span<const std::string>(), options).empty());
  for (const Output& output : model.generate(prompts, options))
    CHECK(output.ids == model.generate(std::span<const std::int32_t>(prompts[0]), options).ids);
  options.cancel = Cancel();
  options.cancel->cancel();
  for (const Output& output : model.generate(prompts, options)) {
    CHECK(output.finish_reason == FinishReason::cancelled);
    CHECK(output.ids.empty());
  }
  prompts[18] = {};
  CHECK_THROWS_WITH_AS(model.generate(prompts, options),
                       doctest::Contains("prompt 18: no token ids"), Error);
  prompts[18] = {-1};
  CHECK_THROWS_WITH_AS(model.generate(prompts, options), doctest::Contains("prompt 18: "), Error);
}

TEST_CASE("renormalized scores are of probabilities that add up to 1, and draw the same") {
  const Model model = chat_model();
  GenerateOptions options{.max_new_tokens = 5, .temperature = 0.7, .top_k = 4, .seed = 3};
  options.output_scores = true;
  const Output plain = model.generate("The capital of", options);
  options.renormalize_logits = true;
  const Output output = model.generate("The capital of", options);
  CHECK(output.ids == plain.ids);
  for (std::int64_t i = 0; i < output.scores.rows; ++i) {
    double sum = 0;
    for (const float score : output.scores.row(i)) sum += std::exp(static_cast<double>(score));
    CHECK(sum == doctest::Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("an end id ends the text and is no part of it") {
  const Model model = chat_model();
  const Output free = model.generate("The capital of", endless(10));
  GenerateOptions options = endless(10);
  options.eos_token_id = std::vector<std::int32_t>{free.ids[4]};
  const Output output = model.generate("The capital of", options);
  CHECK(output.finish_reason == FinishReason::eos);
  CHECK(output.ids == std::vector<std::int32_t>(free.ids.begin(), free.ids.begin() + 5));
  CHECK(free.text.starts_with(output.text));
  options.min_new_tokens = 8;
  CHECK(model.generate("The capital of", options).ids.size() >= 8);
}

// chat_llama.gguf with further ids of the tokenizer's metadata in front of its own.
std::string with_token_ids(const std::vector<std::pair<std::string, std::uint32_t>>& ids) {
  std::string file = read_text(tests::golden("chat_llama/chat_llama.gguf"));
  constexpr std::size_t kCountAt = 16, kEntriesAt = 24, kAlignment = 32;
  std::string entries;
  for (const auto& [role, id] : ids) {
    const std::string key = "tokenizer.ggml." + role + "_token_id";
    entries += tests::GgufWriter::string(key) +
               tests::binary(std::vector<std::uint32_t>{tests::GgufWriter::kU32, id});
  }
  // A text of such a length that the tensors stay aligned.
  const std::string key = "general.description";
  const std::size_t fixed = entries.size() + 8 + key.size() + 4 + 8;
  entries += tests::GgufWriter::string(key) +
             tests::binary(std::vector<std::uint32_t>{tests::GgufWriter::kString}) +
             tests::GgufWriter::string(std::string(kAlignment - fixed % kAlignment, '.'));
  file[kCountAt] = static_cast<char>(file[kCountAt] + static_cast<char>(ids.size()) + 1);
  return file.insert(kEntriesAt, entries);
}

TEST_CASE("a GGUF file's ends of a turn and of a message end a text, as its end of text does") {
  const Output free = chat_model().generate("The capital of", endless(10));
  const auto turn = static_cast<std::uint32_t>(free.ids[4]);
  const std::string file = with_token_ids({{"eot", turn}, {"eom", 7}});
  const Model model =
      Model::from_memory(std::as_bytes(std::span(file)), {.compute_type = "f32", .runtime = {}});
  const auto eos = model.tokenizer().eos_token_id();
  REQUIRE(eos);
  CHECK(model.generation_defaults().eos_token_id ==
        std::vector<std::int32_t>{*eos, free.ids[4], 7});
  const Output output =
      model.generate("The capital of", {.max_new_tokens = 10, .do_sample = false});
  CHECK(output.finish_reason == FinishReason::eos);
  CHECK(output.ids.size() == 5);
  const std::string outside = with_token_ids({{"eot", 385}});
  CHECK_THROWS_WITH_AS(Model::from_memory(std::as_bytes(std::span(outside))),
                       doctest::Contains("tokenizer.ggml.eot_token_id is 385"), Error);
}

TEST_CASE("stop strings end the text and no part of them is given out") {
  for (const std::size_t piece : {1u, 2u, 3u, 100u}) {
    StopStrings stops({"END", "EXIT!"});
    const std::string text = "an ENtry at the EXIT, then the ENEND and more";
    std::string out;
    for (std::size_t at = 0; at < text.size() && !stops.stopped(); at += piece) {
      const std::string shown = stops.push(text.substr(at, piece));
      CHECK(shown.find("END") == std::string::npos);
      out += shown;
    }
    CHECK(stops.stopped());
    CHECK(out == "an ENtry at the EXIT, then the EN");
  }
  StopStrings unfinished({"END"});
  CHECK(unfinished.push("the EN") == "the ");
  CHECK(unfinished.finish() == "EN");

  const Model model = chat_model();
  const Output free = model.generate("The capital of", endless(20));
  GenerateOptions options = endless(20);
  options.stop_strings = {free.text.substr(free.text.size() / 2, 3)};
  const Output output = model.generate("The capital of", options);
  CHECK(output.finish_reason == FinishReason::stop);
  CHECK(output.text == free.text.substr(0, free.text.find(options.stop_strings[0])));
}

TEST_CASE("the seed that is told gives the same output again") {
  const Model model = chat_model();
  const Output first = model.generate("The capital of", {.max_new_tokens = 20, .temperature = 1.5});
  const Output again = model.generate(
      "The capital of", {.max_new_tokens = 20, .temperature = 1.5, .seed = first.seed});
  CHECK(first.ids == again.ids);
  CHECK(model
            .generate("The capital of",
                      {.max_new_tokens = 20, .temperature = 1.5, .seed = first.seed + 1})
            .ids != first.ids);
}

TEST_CASE("log-probabilities agree with those of the whole sequence") {
  const Model model = chat_model();
  GenerateOptions options = endless(12);
  options.logprobs = 3;
  const std::vector<std::int32_t> prompt = model.tokenizer().encode("The capital of");
  const Output output = model.generate(prompt, options);
  REQUIRE(output.logprobs.size() == 12);
  std::vector<std::int32_t> all = prompt;
  all.insert(all.end(), output.ids.begin(), output.ids.end());
  const auto expected = model.log_probabilities(all);
  double sum = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const Logprobs& logprobs = output.logprobs[i];
    CHECK(logprobs.chosen.id == output.ids[i]);
    CHECK(logprobs.chosen.logprob ==
          doctest::Approx(expected[prompt.size() - 1 + i]).epsilon(1e-5));
    REQUIRE(logprobs.top.size() == 3);
    CHECK(logprobs.top[0].id == output.ids[i]);
    CHECK(logprobs.top[0].logprob >= logprobs.top[1].logprob);
    sum += static_cast<double>(logprobs.chosen.logprob);
  }
  CHECK(output.score == doctest::Approx(sum));
}

TEST_CASE("a session that was generated on goes on where it stands") {
  const Model model = chat_model();
  const Output whole = model.generate("The capital of", endless(16));
  Session session(model);
  Output first = Generation(session, "The capital of", endless(6)).finish();
  session.append(std::span(first.ids).last(1));  // the last token drawn has not been read yet
  const Output rest = Generation(session, std::span<const std::int32_t>{}, endless(10)).finish();
  first.ids.insert(first.ids.end(), rest.ids.begin(), rest.ids.end());
  CHECK(first.ids == whole.ids);
}

TEST_CASE("cancelling from another thread ends a generation with what is settled") {
  const Model model = chat_model();
  const Cancel cancel;
  GenerateOptions options = endless(1000000);
  options.cancel = cancel;
  Generation generation = model.stream("The", options);
  generation.next();
  std::thread([&] { cancel.cancel(); }).join();
  const Output output = generation.finish();
  CHECK(output.finish_reason == FinishReason::cancelled);
  CHECK(!generation.next());
  CHECK(output.ids.size() == 1);
}

TEST_CASE("the end of the context ends the text, and a prompt beyond it is refused") {
  const Model model = chat_model();
  const Output output = model.generate("The capital of", endless(1000000));
  CHECK(output.finish_reason == FinishReason::context);
  const auto prompt = static_cast<std::int64_t>(model.tokenizer().encode("The capital of").size());
  CHECK(static_cast<std::int64_t>(output.ids.size()) == model.info().context_length - prompt + 1);
  const std::vector<std::int32_t> ids(static_cast<std::size_t>(model.info().context_length) + 1, 5);
  try {
    model.generate(ids);
    FAIL("a prompt longer than the context was taken");
  } catch (const Error& error) {
    CHECK(error.code() == Code::context_full);
  }
  GenerateOptions hurried = endless(3);  // drawn ids could be the end by chance
  hurried.max_time = 1e-9;
  CHECK(model.generate("The", hurried).finish_reason == FinishReason::time);
  CHECK(model.generate("The", {.max_new_tokens = 0}).ids.empty());
}

}  // namespace
}  // namespace loquor
