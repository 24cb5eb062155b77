// The tasks of encoders against transformers' pipelines, on tiny models with tokenizers
// (tests/golden/make_tasks.py).
#include "loquor/tasks.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "base/bytes.h"
#include "base/json.h"
#include "base/utf8.h"
#include "data.h"
#include "io/failure.h"
#include "loquor/model.hpp"

namespace loquor {
namespace {

constexpr double kClose = 2e-5;

struct Golden {
  explicit Golden(const std::string& name)
      : model(tests::golden("tasks_" + name).string(), {.compute_type = "f32"}),
        expected(Json::parse(read_text(tests::golden("tasks_" + name) / "expected.json"))) {}
  const Json& operator[](const char* key) const { return expected.at(key); }

  Model model;
  Json expected;
};

std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& text : list.as_array()) texts.push_back(text.as_string());
  return texts;
}

std::vector<TextPair> pairs_of(const Json& list) {
  std::vector<TextPair> pairs;
  for (const Json& pair : list.as_array())
    pairs.push_back({pair.as_array()[0].as_string(), pair.as_array()[1].as_string()});
  return pairs;
}

template <class Items>
std::vector<Input> inputs_of(const Items& items) {
  return {items.begin(), items.end()};
}

// The character offset of a byte.
std::int64_t character(const std::string& text, std::int64_t byte) {
  std::int64_t count = 0;
  for (std::size_t at = 0; at < static_cast<std::size_t>(byte); ++count) next_code_point(text, at);
  return count;
}

void check_rows(const Json& expected, const Matrix& found) {
  REQUIRE(found.rows == std::ssize(expected.as_array()));
  for (std::int64_t i = 0; i < found.rows; ++i) {
    const Json::Array& row = expected.as_array()[static_cast<std::size_t>(i)].as_array();
    REQUIRE(found.columns == std::ssize(row));
    for (std::size_t c = 0; c < row.size(); ++c)
      CHECK(std::abs(found.row(i)[c] - row[c].as_number()) < kClose);
  }
}

void check_labels(const Json& expected, const std::vector<std::vector<LabelScore>>& found) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Json::Array& wanted = expected.as_array()[i].as_array();
    REQUIRE(found[i].size() == wanted.size());
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      CHECK(found[i][k].label == wanted[k].as_array()[0].as_string());
      CHECK(std::abs(found[i][k].score - wanted[k].as_array()[1].as_number()) < kClose);
    }
  }
}

void check_scores(const Json& expected, const std::vector<Score>& found) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Json::Array& wanted = expected.as_array()[i].as_array();
    REQUIRE(found[i].log_probabilities.size() == wanted.size());
    CHECK(found[i].ids.size() == wanted.size());
    double sum = 0;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      CHECK(std::abs(found[i].log_probabilities[k] - wanted[k].as_number()) < kClose);
      sum += wanted[k].as_number();
    }
    CHECK(std::abs(found[i].log_probability - sum) < 1e-4);
  }
}

TEST_CASE("embeddings are those of the sentence-transformers files") {
  const Golden golden("embed");
  const auto texts = inputs_of(texts_of(golden["texts"]));
  const auto check = [&](const char* name, const EmbedOptions& options) {
    CAPTURE(name);
    check_rows(golden[name], golden.model.embed(texts, options));
  };
  check("document", {});
  check("document", {.role = "document"});
  check("query", {.role = "query"});
  check("prompt", {.prompt = "in short: "});
  check("cls", {.pooling = "cls"});
  check("last", {.pooling = "last"});
  check("max", {.pooling = "max"});
  check("raw", {.normalize = false});
  check("dimensions_7", {.dimensions = 7});
}

TEST_CASE("embeddings of a GGUF file are pooled as it says") {
  const Golden golden("embed");
  const auto texts = inputs_of(texts_of(golden["texts"]));
  std::string file = read_text(tests::golden("gguf/tasks_embed.gguf"));
  const auto open = [&] {
    return Model::from_memory(std::as_bytes(std::span(file)), {.compute_type = "f32"});
  };
  check_rows(golden["raw"], open().embed(texts));
  const std::string key = "bert.pooling_type";
  char& type = file[file.find(key) + key.size() + 4];  // behind the kind of its value
  REQUIRE(type == 1);
  type = 2;
  check_rows(golden["cls"], open().embed(texts, {.normalize = true}));
  type = 3;
  check_rows(golden["last"], open().embed(texts, {.normalize = true}));
  type = 0;  // says nothing of one row a text
  check_rows(golden["raw"], open().embed(texts));
  type = 9;
  tests::check_failure(tests::failure_of(open), Code::unsupported, "pooling_type' is 9");
}

TEST_CASE("embeddings are compared as the model's files say") {
  const Golden dot("embed"), without_files("mask");
  const Matrix a{1, 2, {3, 4}}, b{3, 2, {3, 4, -4, 3, 6, 8}};
  CHECK(dot.model.similarity(a, b).values == std::vector<float>{25, 0, 50});
  CHECK(without_files.model.similarity(a, b).values == std::vector<float>{1, 0, 1});
}

TEST_CASE("labels of texts and pairs are those of the text-classification pipeline") {
  const Golden golden("entail");
  const auto texts = inputs_of(texts_of(golden["texts"]));
  for (const char* function : {"softmax", "sigmoid", "none"}) {
    CAPTURE(function);
    check_labels(golden[function], golden.model.classify(texts, {.function_to_apply = function}));
  }
  check_labels(golden["default"], golden.model.classify(texts));
  check_labels(golden["default_pairs"],
               golden.model.classify(inputs_of(pairs_of(golden["pairs"]))));
  const auto first = golden.model.classify(texts, {.top_k = 1});
  CHECK(first[2].size() == 1);
  CHECK(first[2][0].label == golden.model.classify(texts)[2][0].label);
}

TEST_CASE("zero-shot labels are those of the pipeline") {
  const Golden golden("entail");
  const auto texts = texts_of(golden["texts"]);
  const auto labels = texts_of(golden["candidates"]);
  check_labels(golden["zero_shot"], golden.model.zero_shot(texts, labels));
  check_labels(golden["zero_shot_multi"],
               golden.model.zero_shot(texts, labels, {.multi_label = true}));
  check_labels(golden["zero_shot_template"],
               golden.model.zero_shot(texts, labels, {.hypothesis_template = "It is of {}!"}));
  check_labels(golden["zero_shot_one"], golden.model.zero_shot(texts, {labels[0]}));
}

TEST_CASE("a classifier that is an encoder-decoder gives the pipelines' labels") {
  const Golden golden("entail_bart");
  const auto texts = texts_of(golden["texts"]);
  const auto labels = texts_of(golden["candidates"]);
  check_labels(golden["default"], golden.model.classify(inputs_of(texts)));
  check_labels(golden["default_pairs"],
               golden.model.classify(inputs_of(pairs_of(golden["pairs"]))));
  check_labels(golden["zero_shot"], golden.model.zero_shot(texts, labels));
  check_labels(golden["zero_shot_multi"],
               golden.model.zero_shot(texts, labels, {.multi_label = true}));
}

TEST_CASE("texts are ranked by the scores of their pairs with the query") {
  const Golden golden("rerank");
  for (const char* function : {"sigmoid", "none"}) {
    const auto ranked = golden.model.rerank(golden["query"].as_string(), texts_of(golden["texts"]),
                                            {.function_to_apply = function});
    REQUIRE(ranked.size() == 4);
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      const auto index = static_cast<std::size_t>(ranked[i].index);
      CHECK(std::abs(ranked[i].score - golden[function].as_array()[index].as_number()) < kClose);
      if (i > 0) CHECK(ranked[i].score <= ranked[i - 1].score);
    }
  }
  CHECK(golden.model.rerank("a query", {"one", "two", "three"}, {.top_k = 2}).size() == 2);
}

void check_entities(const std::vector<std::string>& texts, const Json::Array& expected,
                    const std::vector<std::vector<Entity>>& found) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    REQUIRE(found[i].size() == expected[i].size());
    for (std::size_t k = 0; k < found[i].size(); ++k) {
      const Json::Array& wanted = expected[i].as_array()[k].as_array();
      const Entity& entity = found[i][k];
      CHECK(entity.label == wanted[0].as_string());
      CHECK(std::abs(entity.score - wanted[1].as_number()) < kClose);
      CHECK(entity.word == wanted[2].as_string());
      CHECK(character(texts[i], entity.range.begin) == wanted[3].as_integer());
      CHECK(character(texts[i], entity.range.end) == wanted[4].as_integer());
    }
  }
}

TEST_CASE("entities are those of the token-classification pipeline") {
  for (const char* name : {"tag", "tag_bytes"}) {
    const Golden golden(name);
    const auto texts = texts_of(golden["texts"]);
    for (const std::string strategy : {"none", "simple", "first", "average", "max"}) {
      for (const std::string all : {"", "_all"}) {
        CAPTURE(name);
        CAPTURE(strategy);
        TagOptions options{.aggregation_strategy = strategy};
        if (!all.empty()) options.ignore_labels.clear();
        check_entities(texts, golden[(strategy + all).c_str()].as_array(),
                       golden.model.tag(inputs_of(texts), options));
      }
    }
  }
}

TEST_CASE("entities of windows that overlap are joined as the pipeline does") {
  for (const char* name : {"tag", "tag_bytes"}) {
    const Golden golden(name);
    const Json recorded =
        Json::parse(read_text(tests::golden(std::string("tasks_") + name) / "stride.json"));
    const auto texts = texts_of(recorded.at("texts"));
    for (const Json& call : recorded.at("calls").as_array()) {
      const Json& given = call.at("options");
      CAPTURE(name);
      CAPTURE(given.dump());
      const TagOptions options{
          .aggregation_strategy = given.at("aggregation_strategy").as_string(),
          .stride = given.at("stride").as_integer(),
          .input = {.max_length = given.at("max_length").as_integer(), .batch_tokens = 50}};
      check_entities(texts, call.at("entities").as_array(),
                     golden.model.tag(inputs_of(texts), options));
    }
  }
}

TEST_CASE("an entity of windows has the index of its first token in the whole text") {
  const Golden golden("tag");
  const auto texts = inputs_of(texts_of(golden["texts"]));
  const auto whole = golden.model.tag(texts, {.aggregation_strategy = "first"});
  const auto windows = golden.model.tag(
      texts, {.aggregation_strategy = "first", .stride = 4, .input = {.max_length = 14}});
  const auto begins = [](const std::vector<Entity>& entities) {
    std::map<std::int64_t, std::int64_t> indices;
    for (const Entity& entity : entities) indices[entity.range.begin] = entity.index;
    return indices;
  };
  std::size_t compared = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto indices = begins(whole[i]);
    for (const auto& [begin, index] : begins(windows[i])) {
      if (!indices.contains(begin)) continue;
      CHECK(indices.at(begin) == index);
      ++compared;
    }
  }
  CHECK(compared > 20);
}

void check_fills(const Json& expected, const std::vector<std::vector<std::vector<Fill>>>& found) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Json::Array& masks = expected.as_array()[i].as_array();
    REQUIRE(found[i].size() == masks.size());
    for (std::size_t mask = 0; mask < masks.size(); ++mask) {
      REQUIRE(found[i][mask].size() == masks[mask].size());
      for (std::size_t k = 0; k < masks[mask].size(); ++k) {
        const Json::Array& wanted = masks[mask].as_array()[k].as_array();
        const Fill& fill = found[i][mask][k];
        CHECK(fill.id == wanted[0].as_integer());
        CHECK(fill.token == wanted[1].as_string());
        CHECK(std::abs(fill.score - wanted[2].as_number()) < kClose);
        CHECK(fill.sequence == wanted[3].as_string());
      }
    }
  }
}

TEST_CASE("what stands at masks is that of the fill-mask pipeline") {
  const Golden golden("mask");
  const auto texts = inputs_of(texts_of(golden["texts"]));
  check_fills(golden["default"], golden.model.fill_mask(texts));
  check_fills(golden["top_2"], golden.model.fill_mask(texts, {.top_k = 2}));
  check_fills(golden["with_targets"],
              golden.model.fill_mask(texts, {.targets = texts_of(golden["targets"])}));
}

TEST_CASE("answers are those of the question-answering pipeline, windows and all") {
  const Golden golden("answer");
  const auto questions = pairs_of(golden["questions"]);
  for (const Json& call : golden["calls"].as_array()) {
    const Json& given = call.at("options");
    CAPTURE(given.dump());
    AnswerOptions options;
    const auto set = [&](const char* name, std::int64_t& member) {
      if (const Json* value = given.find(name)) member = value->as_integer();
    };
    set("top_k", options.top_k);
    set("max_answer_len", options.max_answer_len);
    set("doc_stride", options.doc_stride);
    set("max_length", options.input.max_length);
    if (given.find("align_to_words")) options.align_to_words = false;
    if (given.find("handle_impossible_answer")) options.handle_impossible_answer = true;
    const auto found = golden.model.answer(questions, options);
    const Json::Array& expected = call.at("answers").as_array();
    for (std::size_t i = 0; i < questions.size(); ++i) {
      REQUIRE(found[i].size() == expected[i].size());
      for (std::size_t k = 0; k < found[i].size(); ++k) {
        const Json::Array& wanted = expected[i].as_array()[k].as_array();
        const Answer& answer = found[i][k];
        CHECK(answer.text == wanted[0].as_string());
        CHECK(std::abs(answer.score - wanted[1].as_number()) < kClose);
        CHECK(character(questions[i].second, answer.range.begin) == wanted[2].as_integer());
        CHECK(character(questions[i].second, answer.range.end) == wanted[3].as_integer());
      }
    }
  }
}

TEST_CASE("the empty answer wins where none is likelier") {
  const Golden golden("answer");
  const auto questions = pairs_of(golden["questions"]);
  const AnswerOptions options{.top_k = 1000, .handle_impossible_answer = true};
  const auto answers = golden.model.answer({questions[0]}, options)[0];
  const auto none = std::find_if(answers.begin(), answers.end(),
                                 [](const Answer& answer) { return answer.text.empty(); });
  REQUIRE(none != answers.end());
  CHECK(none->range == ByteRange{0, 0});
  CHECK(none->score > 0);
}

TEST_CASE("texts are scored by all three kinds of model") {
  const Golden masked("mask"), decoder("continue"), both("translate");
  for (const Golden* golden : {&masked, &decoder}) {
    check_scores((*golden)["scores"],
                 golden->model.score(inputs_of(texts_of((*golden)["scored"]))));
  }
  for (const Golden* golden : {&masked, &decoder, &both}) {
    check_scores((*golden)["pair_scores"],
                 golden->model.score(inputs_of(pairs_of((*golden)["pairs"]))));
  }
}

TEST_CASE("decoders and encoder-decoders embed too") {
  const Golden decoder("continue"), both("translate");
  for (const Golden* golden : {&decoder, &both}) {
    const std::vector<std::int32_t> ids{7, 12, 30, 9};
    const auto states = golden->model.hidden_states(ids);
    const Matrix last = golden->model.embed({TokenIds{ids}}, {.pooling = "last"});
    const std::vector<float>& all = states.back().values;
    CHECK(last.values == std::vector<float>(all.end() - 24, all.end()));
  }
}

}  // namespace
}  // namespace loquor
