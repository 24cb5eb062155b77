// Translations and summaries against transformers: tests/golden/make_translate.py.
#include <doctest/doctest.h>

#include "decode/recorded.h"
#include "loquor/generation.hpp"
#include "loquor/options_json.hpp"

namespace loquor::tests {

namespace {

std::vector<Output> call(const Model& model, const Json& recorded) {
  const std::string options = recorded.at("options").dump();
  const auto texts = strings_in(recorded.at("texts"));
  if (recorded.at("call") == Json("summarize")) {
    SummarizeOptions summarize;
    set_json(summarize, options);
    return model.summarize(texts, summarize);
  }
  TranslateOptions translate;
  set_json(translate, options);
  return model.translate(texts, translate);
}

// The first recorded call with a tokenizer of this class.
Json with_class(const char* name) {
  const Json all = recorded("pipelines.json");
  for (const Json& one : all.as_array()) {
    const Json* config = one.find("tokenizer_config");
    if (config && config->at("tokenizer_class") == Json(name)) return one;
  }
  FAIL("no such class");
  return {};
}

std::string translate_refusal(const Model& model, const TranslateOptions& options) {
  return said_by([&] { model.translate({"Hello"}, options); });
}

}  // namespace

TEST_CASE("translations and summaries are those of transformers' pipelines") {
  const Json all = recorded("pipelines.json");
  for (const Json& one : all.as_array()) {
    CAPTURE(one.at("call").as_string());
    CAPTURE(one.at("config").dump());
    CAPTURE(one.at("options").dump());
    const Json* config = one.find("tokenizer_config");
    CAPTURE((config ? config->dump() : std::string()));
    const Model model = RecordedFolder(one).model();
    const std::vector<Output> outputs = call(model, one);
    const auto& expected = one.at("ids").as_array();
    REQUIRE(outputs.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(outputs[i].ids == ids_in(expected[i]));
  }
}

TEST_CASE("a tokenizer marks the language of a text as transformers' classes do") {
  int classes = 0;
  const Json all = recorded("pipelines.json");
  for (const Json& one : all.as_array()) {
    if (!one.find("encoded")) continue;
    ++classes;
    CAPTURE(one.at("tokenizer_config").dump());
    const Model model = RecordedFolder(one).model();
    const Tokenizer& tokenizer = model.tokenizer();
    const EncodeOptions options{.src_lang = one.at("source").as_string()};
    const auto texts = strings_in(one.at("texts"));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const Json& expected = one.at("encoded").as_array()[i];
      CHECK(tokenizer.encode(texts[i]) == ids_in(expected.at("usual")));
      CHECK(tokenizer.encode(texts[i], options) == ids_in(expected.at("ids")));
      CHECK(tokenizer.encode_pair(texts[i], "a b", options).ids == ids_in(expected.at("pair")));
    }
  }
  CHECK(classes == 6);
}

TEST_CASE("each output is that of its text alone, by the seed that it reports") {
  Json one = with_class("M2M100Tokenizer");
  const Model model = RecordedFolder(one).model();
  TranslateOptions options{.src_lang = "fr", .tgt_lang = "de"};
  options.generate.max_new_tokens = 6;
  options.generate.num_beams = 1;
  options.generate.temperature = 2;
  options.generate.seed = 5;
  options.generate.suppress_tokens = ids_in(one.at("options").at("suppress_tokens"));
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) texts.push_back("Hello " + std::to_string(i));
  const auto outputs = model.translate(texts, options);
  REQUIRE(outputs.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); i += 13) {
    CHECK(outputs[i].seed == 5 + i);
    options.generate.seed = outputs[i].seed;
    CHECK(model.translate({texts[i]}, options)[0].ids == outputs[i].ids);
  }
}

TEST_CASE("texts that are too long are refused, or cut where that is asked for") {
  const Model model = RecordedFolder(with_class("NllbTokenizer")).model();
  std::string text = "Hello";
  for (int i = 0; i < 50; ++i) text += " world";
  TranslateOptions options{.src_lang = "fra_Latn", .tgt_lang = "deu_Latn"};
  options.generate.max_new_tokens = 3;
  const std::string line = said_by([&] { model.translate({"Hello", text}, options); });
  CHECK(line.find("input 1 has ") != std::string::npos);
  CHECK(line.find("at most 80 are read at once") != std::string::npos);
  options.truncation = "head";
  CHECK(model.translate({text}, options)[0].timings.prompt_tokens == 81);
  CHECK(said_by([&] {
          model.translate({"Hello", ""}, options);
        }) == "input 1 is an empty text, expected at least a word");
  CHECK(said_by([&] { model.translate({}, options); }) ==
        "no inputs were given, expected at least one");
}

TEST_CASE("a language that a model does not know is refused with some that it does") {
  const Model many = RecordedFolder(with_class("NllbTokenizer")).model();
  CHECK(translate_refusal(many, {.src_lang = "fra_Latn", .tgt_lang = "de"}) ==
        "option tgt_lang: found 'de', expected a language of the tokenizer: ace_Arab, ace_Latn, "
        "acm_Arab, acq_Arab, aeb_Arab, afr_Latn, ... (202)");
  CHECK(translate_refusal(many, {.src_lang = "fr", .tgt_lang = "deu_Latn"})
            .starts_with(
                "option src_lang: found 'fr', expected a language of the tokenizer: ace_Arab"));
  CHECK(translate_refusal(many, {}).starts_with("option tgt_lang: found '', expected a language"));
  TranslateOptions both{.tgt_lang = "deu_Latn"};
  both.generate.forced_bos_token_id = 5;
  CHECK(translate_refusal(many, both) ==
        "option forced_bos_token_id: expected no tgt_lang beside it");

  const Model marian = RecordedFolder(with_class("MarianTokenizer")).model();
  CHECK(translate_refusal(marian, {.tgt_lang = "it"}) ==
        "option tgt_lang: found 'it', expected a language of the vocabulary: fr, de");

  Json tasks = recorded("pipelines.json").as_array()[0];
  const Model named = RecordedFolder(tasks).model();
  CHECK(translate_refusal(named, {.src_lang = "en", .tgt_lang = "it"}) ==
        "options src_lang and tgt_lang: found 'en' and 'it', expected a translation of "
        "config.json: en_to_de, en_to_fr, en_to_ro");
  CHECK(translate_refusal(named, {.tgt_lang = "de"})
            .starts_with("options src_lang and tgt_lang: found ''"));
  tasks["config"] = Json::object();
  CHECK(translate_refusal(RecordedFolder(tasks).model(), {.tgt_lang = "de"}) ==
        "option tgt_lang: found 'de', and this model's files name no languages");

  const Tokenizer& plain = named.tokenizer();
  CHECK(said_by([&] { plain.encode("a", {.src_lang = "en"}); }) ==
        "option src_lang: found 'en', and this tokenizer marks no languages");
}

TEST_CASE("a target that the files fix need not be named") {
  Json one = with_class("MBart50Tokenizer");
  const Json target = ids_in(one.at("ids").as_array()[0])[0];
  one["generation_config"]["forced_bos_token_id"] = target;
  one["generation_config"]["decoder_start_token_id"] = 2;
  TranslateOptions options{.src_lang = one.at("options").at("src_lang").as_string()};
  options.generate.max_new_tokens = 8;
  options.generate.no_repeat_ngram_size = 1;
  options.generate.suppress_tokens = ids_in(one.at("options").at("suppress_tokens"));
  const auto texts = strings_in(one.at("texts"));
  const auto outputs = RecordedFolder(one).model().translate(texts, options);
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(outputs[i].ids == ids_in(one.at("ids").as_array()[i]));

  one = with_class("MBartTokenizer");
  options.generate.suppress_tokens = ids_in(one.at("options").at("suppress_tokens"));
  const Model model = RecordedFolder(one).model();
  const auto start = model.tokenizer().id(one.at("options").at("tgt_lang").as_string());
  one["config"]["decoder_start_token_id"] = *start;
  options.src_lang = one.at("options").at("src_lang").as_string();
  CHECK(RecordedFolder(one).model().translate(texts, options)[0].ids ==
        ids_in(one.at("ids").as_array()[0]));
}

TEST_CASE("tokenizer.json's own marks give way to those of its class") {
  const char* const json = R"({"added_tokens": [
      {"id": 0, "content": "<s>", "special": true}, {"id": 2, "content": "</s>", "special": true},
      {"id": 9, "content": "eng_Latn", "special": true},
      {"id": 10, "content": "fra_Latn", "special": true},
      {"id": 11, "content": "tyv_Cyrl", "special": true}],
    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "</s>", "type_id": 0}}],
      "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}},
               {"SpecialToken": {"id": "</s>", "type_id": 0}}],
      "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
    "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true,
      "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "▁": 4, "a": 5, "b": 6, "▁a": 7,
                "▁b": 8},
      "merges": ["▁ a", "▁ b"]}})";
  const auto ids = [&](const std::string& config, const std::string& src_lang) {
    const std::string known = R"({"eos_token": "</s>", "tokenizer_class": "NllbTokenizer)" + config;
    return Tokenizer::from_json(json, known).encode("a b", {.src_lang = src_lang});
  };
  // As NllbTokenizer of transformers 5.23.0 and 4.57.1 gives them.
  CHECK(ids(R"(Fast"})", "") == Ids{9, 7, 8, 2});
  CHECK(ids(R"("})", "fra_Latn") == Ids{10, 7, 8, 2});
  CHECK(ids(R"(", "src_lang": "tyv_Cyrl"})", "") == Ids{11, 7, 8, 2});
  CHECK(ids(R"(", "legacy_behaviour": true})", "fra_Latn") == Ids{7, 8, 2, 10});
  CHECK(said_by([&] { ids(R"(", "src_lang": "deu_Latn"})", ""); }) ==
        "tokenizer_config.json: the vocabulary has no 'deu_Latn'");
}

}  // namespace loquor::tests
