// What all tasks on texts have in common: batches, limits, refusals, progress and cancelling.
#include <doctest/doctest.h>

#include <fstream>

#include "base/caught.h"
#include "base/temporary_folder.h"
#include "data.h"
#include "loquor/model.hpp"

namespace loquor {
namespace {

Model open_task(const std::string& name) {
  return Model(tests::golden("tasks_" + name).string(), {.compute_type = "f32"});
}

template <class Function>
std::string message_of(Function&& fn) {
  return tests::caught(fn).what();
}

std::vector<Input> some_texts(std::size_t count) {
  std::vector<Input> texts;
  std::string words = "the";
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(words);
    words += i % 9 == 8 ? "" : " engine";
    if (i % 9 == 8) words = "it";
  }
  return texts;
}

// A copy of a golden model in which some text of a file is another.
class Altered {
 public:
  Altered(const std::string& name, const std::string& file, const std::string& from,
          const std::string& to) {
    std::filesystem::copy(tests::golden("tasks_" + name), folder_.path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    std::ifstream in(folder_.path() / file);
    std::string content{std::istreambuf_iterator<char>(in), {}};
    const std::size_t place = content.find(from);
    REQUIRE(place != std::string::npos);
    content.replace(place, from.size(), to);
    std::ofstream(folder_.path() / file) << content;
  }
  Model model() const { return Model(folder_.path().string(), {.compute_type = "f32"}); }

 private:
  tests::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("each result is to the bit that of its input alone, whatever the batch") {
  const auto texts = some_texts(40);
  for (const char* name : {"embed", "continue", "translate"}) {
    CAPTURE(name);
    const Model model = open_task(name);
    const Matrix together = model.embed(texts);
    for (const std::int64_t batch_tokens : {1, 50, 100000}) {
      CHECK(model.embed(texts, {.input = {.batch_tokens = batch_tokens}}).values ==
            together.values);
    }
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto row = together.row(static_cast<std::int64_t>(i));
      CHECK(model.embed({texts[i]}).values == std::vector(row.begin(), row.end()));
    }
  }
  const Model model = open_task("mask");
  const auto scores = model.score(texts, {.input = {.batch_tokens = 70}});
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(model.score({texts[i]})[0].log_probabilities == scores[i].log_probabilities);
}

TEST_CASE("progress counts inputs up to the last one") {
  const Model model = open_task("mask");
  std::vector<std::int64_t> seen;
  const InputOptions input{.batch_tokens = 30,
                           .progress = [&](std::int64_t done, std::int64_t total) {
                             CHECK(total == 12);
                             seen.push_back(done);
                           }};
  model.score(some_texts(12), {.input = input});
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(seen.size() > 3);
  CHECK(seen.back() == 12);
}

TEST_CASE("a call ends when it is cancelled, and by what progress throws") {
  const Model model = open_task("embed");
  const Cancel cancel;
  EmbedOptions options{.input = {.batch_tokens = 20, .cancel = cancel}};
  options.input.progress = [&](std::int64_t done, std::int64_t) {
    CHECK(done < 100);
    cancel.cancel();
  };
  CHECK(tests::caught([&] { model.embed(some_texts(100), options); }).code() == Code::cancelled);
  options.input.cancel.reset();
  options.input.progress = [](std::int64_t, std::int64_t) { throw Error(Code::io, "enough"); };
  CHECK(message_of([&] { model.embed(some_texts(100), options); }) == "enough");
}

TEST_CASE("what is too long is refused, or cut where that is asked for") {
  const Model model = open_task("embed");
  std::string words;
  for (int i = 0; i < 80; ++i) words += " the";
  const auto embed = [&](const std::string& text, const std::string& truncation,
                         std::int64_t max_length = 0) {
    return model.embed({text}, {.input = {.truncation = truncation, .max_length = max_length}})
        .values;
  };
  CHECK(message_of([&] { embed("engine" + words, "error"); }).starts_with("input 0 has "));
  CHECK(tests::caught([&] { embed("engine" + words, "error"); }).code() == Code::context_full);
  CHECK(embed("night" + words, "head", 20) != embed("it" + words, "head", 20));
  CHECK(embed("night" + words, "tail", 20) == embed("it" + words, "tail", 20));
  CHECK(message_of([&] { embed("night", "head", 97); }) ==
        "max_length is 97, and the model has 96 positions");
  const std::vector<std::int32_t> ids(70, 9);
  const TokenIds short_ids{std::vector<std::int32_t>(64, 9)};
  CHECK(model.embed({TokenIds{ids}}, {.input = {.truncation = "tail"}}).values ==
        model.embed({short_ids}).values);
}

TEST_CASE("names of special tokens in a text are text, unless they are asked for") {
  const Model model = open_task("embed");
  const auto embed = [&](const std::string& text, bool parse_special) {
    return model.embed({text}, {.input = {.parse_special = parse_special}}).values;
  };
  CHECK(embed("a [SEP] b", true) != embed("a [SEP] b", false));
  const Tokenizer& tokenizer = model.tokenizer();
  CHECK(embed("a [SEP] b", true) ==
        model.embed({TokenIds{tokenizer.encode("a [SEP] b", {.parse_special = true})}}).values);
}

TEST_CASE("a pair's second text is of the tokenizer's second type") {
  const Model model = open_task("entail");
  const Encoding encoding = model.tokenizer().encode_pair("a night", "an engine");
  const auto of_pair = model.classify({TextPair{"a night", "an engine"}});
  CHECK(of_pair[0][0].score ==
        model.classify({TokenIds{encoding.ids, encoding.type_ids}})[0][0].score);
  CHECK(of_pair[0][0].score != model.classify({TokenIds{encoding.ids}})[0][0].score);
}

TEST_CASE("nothing to do, and empty texts, are refused") {
  const Model embed = open_task("embed"), entail = open_task("entail"),
              answer = open_task("answer");
  CHECK(message_of([&] { embed.embed({}); }) == "no inputs were given, expected at least one");
  CHECK(message_of([&] {
          embed.embed({"a", ""});
        }) == "input 1 is an empty text, expected at least a word");
  CHECK(message_of([&] { embed.embed({TokenIds{}}); }) ==
        "input 0 has no token ids, expected at least one");
  CHECK(message_of([&] {
          embed.embed({TokenIds{{5, 6}, {0}}});
        }) == "input 0 has 1 types and 2 ids, expected as many");
  CHECK(message_of([&] { entail.zero_shot({"a"}, {}); }) ==
        "no labels were given, expected at least one");
  CHECK(message_of([&] {
          answer.answer({{"", "a"}});
        }) == "input 0 is an empty text, expected at least a word");
  CHECK(message_of([&] { embed.embed({"a"}, {.dimensions = 25}); }) ==
        "dimensions is 25, and the model's embeddings have 24");
  CHECK(message_of([&] { embed.embed({"a"}, {.role = "judge"}); }) ==
        "the model has no prompt for role 'judge'; known are query, document, passage");
  CHECK(message_of([&] { embed.embed({"a"}, {.pooling = "sum"}); }) ==
        R"(option pooling: found 'sum', expected one of ["auto","mean","cls","last","max"])");
  CHECK(message_of([&] { entail.zero_shot({"a"}, {"b"}, {.hypothesis_template = "It is."}); }) ==
        "hypothesis_template is 'It is.', expected {} where the label goes");
  CHECK(message_of([&] {
          answer.answer({{"a", "b"}}, {.doc_stride = 9, .input = {.max_length = 12}});
        }) ==
        "question 0 has 1 tokens, which leaves 8 for windows of the context, expected more than "
        "doc_stride, which is 9");
  const Model tag = open_task("tag");
  CHECK(message_of([&] { tag.tag({"a"}, {.stride = 3}); }) ==
        "stride joins the entities of windows: aggregation_strategy is none, expected another");
  CHECK(message_of([&] {
          tag.tag({"a"},
                  {.aggregation_strategy = "simple", .stride = 6, .input = {.max_length = 8}});
        }) == "stride is 6, expected less than the 6 tokens of text in a window of 8");
  CHECK(message_of([&] {
          tag.tag({"a", ""}, {.aggregation_strategy = "simple", .stride = 0});
        }) == "input 1 is an empty text, expected at least a word");
}

TEST_CASE("a model without the head of a task says what it is") {
  const Model mask = open_task("mask"), tag = open_task("tag"), entail = open_task("entail"),
              translate = open_task("translate");
  CHECK(message_of([&] { mask.classify({"a"}); }) ==
        "this model has no classification head: its class is BertForMaskedLM");
  CHECK(message_of([&] { tag.fill_mask({"a"}); }) ==
        "this model has no masked language model head: its class is BertForTokenClassification");
  CHECK(message_of([&] { mask.tag({"a"}); }) ==
        "this model has no token classification head: its class is BertForMaskedLM");
  CHECK(message_of([&] {
          mask.answer({{"a", "b"}});
        }) == "this model has no question answering head: its class is BertForMaskedLM");
  CHECK(message_of([&] { entail.score({"a"}); }) ==
        "this model has no language model head: its class is BertForSequenceClassification");
  CHECK(message_of([&] { entail.rerank("a", {"b"}); }) ==
        "rerank needs a model with one label, and this one has 3");
  CHECK(message_of([&] { open_task("rerank").zero_shot({"a"}, {"b"}); }) ==
        "zero_shot needs a model of entailment: no label begins with entail; they are 'LABEL_0'");
  CHECK(message_of([&] { mask.fill_mask({"no mask"}); }) ==
        "input 0 has no mask: write '[MASK]' where a token is missing");
  CHECK(message_of([&] { mask.fill_mask({"[MASK]"}, {.targets = {"no word"}}); }) ==
        "target 'no word' is 6 tokens, expected one");
  CHECK(
      message_of([&] { translate.score({"a"}); }) ==
      "input 0 is no pair: this model is an encoder-decoder, which scores a text given its source");
  CHECK(message_of([&] { tag.tag({TokenIds{{5}}}); }) ==
        "input 0 is no text: tag says where in a text entities are");
}

TEST_CASE("scores follow the problem_type and the cross-encoder's activation of config.json") {
  const std::string line = "\"problem_type\": ";
  const Model plain = open_task("entail");
  for (const auto& [type, function] :
       {std::pair("multi_label_classification", "sigmoid"), std::pair("regression", "none"),
        std::pair("single_label_classification", "softmax")}) {
    const Altered altered("entail", "config.json", "\"pad_token_id\"",
                          line + "\"" + type + "\", \"pad_token_id\"");
    const auto found = altered.model().classify({"a night"});
    const auto wanted = plain.classify({"a night"}, {.function_to_apply = function});
    CHECK(found[0][0].score == wanted[0][0].score);
  }
  const double raw = open_task("rerank").rerank("a", {"b"}, {.function_to_apply = "none"})[0].score;
  for (
      const char* key :
      {R"("sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity", )",
       R"("sentence_transformers": {"version": "5.0", "activation_fn": "torch.nn.modules.linear.Identity"}, )"}) {
    const Altered altered("rerank", "config.json", "\"pad_token_id\"",
                          std::string(key) + "\"pad_token_id\"");
    CHECK(altered.model().rerank("a", {"b"})[0].score == raw);
  }
}

TEST_CASE("a sentence-transformers file that is not understood refuses embeddings alone") {
  const auto refusal = [](const char* file, const char* from, const char* to) {
    const Altered altered("embed", file, from, to);
    const Model model = altered.model();
    CHECK_NOTHROW(model.hidden_states(std::vector<std::int32_t>{5}));
    const std::string message = message_of([&] { model.embed({"a"}); });
    return message.substr(message.rfind(".json: ") + 7);
  };
  CHECK(refusal("modules.json", "models.Normalize", "models.Dense") ==
        "module 'sentence_transformers.models.Dense' is not built; known are Transformer, Pooling "
        "and Normalize");
  CHECK(refusal("1_Pooling/config.json", "\"pooling_mode_weightedmean_tokens\": false",
                "\"pooling_mode_weightedmean_tokens\": true") ==
        "'pooling_mode_weightedmean_tokens' is not built");
  CHECK(refusal("1_Pooling/config.json", "\"pooling_mode_cls_token\": false",
                "\"pooling_mode_cls_token\": true") ==
        "2 modes of pooling are set, and one alone is built");
  CHECK(refusal("sentence_bert_config.json", "\"do_lower_case\": false", "\"do_upper\": true") ==
        "key 'do_upper' (true) is not known");
  CHECK(refusal("config_sentence_transformers.json", "\"dot\"", "\"angle\"") ==
        "similarity_fn_name 'angle' is not known");
}

}  // namespace loquor
