// What an output begins with, how long it gets, and what files and callers leave unsaid, against
// transformers: tests/golden/make_translate.py.
#include <doctest/doctest.h>

#include "decode/recorded.h"
#include "loquor/generation.hpp"
#include "loquor/options_json.hpp"

namespace loquor::tests {

TEST_CASE("a decoder's first ids, max_length and the files' defaults give transformers' ids") {
  const Json all = recorded("generate.json");
  for (const Json& one : all.as_array()) {
    CAPTURE(one.at("model").as_string());
    CAPTURE(one.at("config").dump());
    CAPTURE(one.at("generation_config").dump());
    CAPTURE(one.at("options").dump());
    GenerateOptions options;
    set_json(options, one.at("options").dump());
    const Model model = RecordedFolder(one).model();
    const Output output = model.generate(ids_in(one.at("prompt")), options);
    const auto& expected = one.at("sequences").as_array();
    REQUIRE(output.sequences.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(output.sequences[i].ids == ids_in(expected[i]));
  }
}

TEST_CASE("what a caller says of the length goes before the files") {
  Json one = recorded("generate.json").as_array().back();  // gpt2
  one["generation_config"] = Json::parse(R"({"max_new_tokens": 20, "eos_token_id": []})");
  const Model model = RecordedFolder(one).model();
  const Ids prompt{1, 2, 3, 4};
  const auto length = [&](const GenerateOptions& options) {
    return model.generate(prompt, options).ids.size();
  };
  CHECK(length({}) == 20);
  CHECK(length({.max_length = 9}) == 5);
  CHECK(length({.max_new_tokens = 2, .max_length = 9}) == 2);
  CHECK(model.generate(prompt, {.max_length = 9}).finish_reason == FinishReason::length);
  CHECK(said_by([&] { length({.max_length = 4}); }) ==
        "option max_length: found 4, and the prompt, which it counts too, has 4 tokens: expected "
        "more, or max_new_tokens");
}

TEST_CASE("a decoder's first ids are refused where there is no place for them") {
  const Model gpt2(golden("gpt2").string());
  CHECK(said_by([&] {
          gpt2.generate(Ids{1, 2}, {.decoder_input_ids = Ids{3}});
        }) ==
        "option decoder_input_ids: this model is decoder-only: what its output begins after is "
        "the prompt");
  const Model bart(golden("bart").string());
  CHECK(said_by([&] {
          bart.generate(Ids{5, 6}, {.decoder_input_ids = Ids{61}});
        }) == "option decoder_input_ids: found token id 61, and the vocabulary has 61 tokens");
  Session session(bart);
  session.encode(Ids{5, 6});
  CHECK(said_by([&] { Generation(session, Ids{2}, {.decoder_input_ids = Ids{7}}); }) ==
        "option decoder_input_ids: the session has read its source: what follows is the prompt");
  CHECK(bart.generate(Ids{5, 6}, {.max_new_tokens = 4, .decoder_input_ids = Ids{}}).ids ==
        bart.generate(Ids{5, 6}, {.max_new_tokens = 4}).ids);
  // A decoder has 40 positions.
  CHECK(caught([&] {
          bart.generate(Ids{5, 6}, {.decoder_input_ids = Ids(40, 7)});
        }).code() == Code::context_full);
}

TEST_CASE("a call that a model of this kind does not have says so") {
  const Model encoder(golden("tasks_mask").string());
  const Model decoder(golden("tasks_continue").string());
  const Ids ids{1, 2};
  const std::vector<std::string> texts{"Hello"};
  const std::string none = "this model is encoder-only: it has no ";
  CHECK(said_by([&] { encoder.generate("Hello"); }) == none + "generate");
  CHECK(said_by([&] { encoder.generate(ids); }) == none + "generate");
  CHECK(said_by([&] { encoder.generate(texts); }) == none + "generate");
  CHECK(said_by([&] { encoder.stream(ids); }) == none + "generate");
  CHECK(said_by([&] { Session session(encoder); }) == none + "session");
  CHECK(said_by([&] { encoder.log_probabilities(ids); }) == none + "log_probabilities");
  CHECK(said_by([&] { encoder.translate(texts); }) == none + "translate");
  CHECK(said_by([&] { encoder.summarize(texts); }) == none + "summarize");
  CHECK(said_by([&] { encoder.logits(ids, ids); }) == none + "logits of decoder_ids");
  const std::string other = "this model is decoder-only: it has no ";
  CHECK(said_by([&] { decoder.translate(texts); }) == other + "translate");
  CHECK(said_by([&] { decoder.summarize(texts); }) == other + "summarize");
  CHECK(said_by([&] { Session(decoder).encode(ids); }) == other + "encode");
  CHECK(said_by([&] { decoder.hidden_states(ids, ids); }) ==
        other + "hidden_states of decoder_ids");
}

TEST_CASE("a start that the vocabulary lacks is refused, and one that no file gives is asked for") {
  Json one = recorded("generate.json").as_array()[0];  // t5
  one["config"] = Json::parse(R"({"decoder_start_token_id": 61})");
  CHECK(said_by([&] {
          RecordedFolder(one).model();
        }).ends_with("config.json: decoder_start_token_id is 61, and the vocabulary has 61"));
  one["config"] = Json::parse(R"({"decoder_start_token_id": null})");
  const Model model = RecordedFolder(one).model();
  CHECK(said_by([&] { model.generate(Ids{5}); }) ==
        "option decoder_start_token_id: the model's files do not say what its output begins after, "
        "expected an id");
  CHECK_NOTHROW(model.generate(Ids{5}, {.max_new_tokens = 1, .decoder_start_token_id = 0}));
}

}  // namespace loquor::tests
