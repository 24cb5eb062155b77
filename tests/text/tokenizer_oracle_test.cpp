// Ids, text and offsets equal to those of Hugging Face tokenizers and SentencePiece: tests/golden
// and tests/oracle.
#include "base/utf8.h"
#include "loquor/error.hpp"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

std::int64_t code_points(std::string_view text, std::int64_t bytes) {
  return static_cast<std::int64_t>(
      to_utf32(text.substr(0, static_cast<std::size_t>(bytes))).size());
}

// A recorded case with the defaults of tests/golden/README.md filled in.
struct Case {
  explicit Case(const Json& json, const std::string& given)
      : text(given), ids(ids_of(json.at("ids"))) {
    const auto find = [&](const char* key, const Ids& otherwise) {
      return json.find(key) ? ids_of(json.at(key)) : otherwise;
    };
    with_special = find("ids_with_special", ids);
    plain = find("ids_plain", ids);
    decoded = json.find("decoded") ? json.at("decoded").as_string() : text;
    skipping = json.find("decoded_skipping_special")
                   ? json.at("decoded_skipping_special").as_string()
                   : decoded;
    offsets = find("offsets", {});
  }
  std::string text;
  Ids ids, with_special, plain, offsets;
  std::string decoded, skipping;
};

void check_hugging_face(const Tokenizer& tokenizer, const Case& c) {
  CAPTURE(c.text);
  CHECK(tokenizer.encode(c.text, {false, true}) == c.ids);
  CHECK(tokenizer.encode(c.text, {true, true}) == c.with_special);
  CHECK(tokenizer.encode(c.text, {false, false}) == c.plain);
  CHECK(tokenizer.decode(c.ids, false) == c.decoded);
  CHECK(tokenizer.decode(c.ids, true) == c.skipping);
  CHECK(streamed(tokenizer, c.ids, false) == c.decoded);
  if (c.offsets.empty()) return;
  const Encoding encoding = tokenizer.encode_with_offsets(c.text, {false, true});
  CHECK(encoding.ids == c.ids);
  Ids offsets;
  for (const ByteRange& range : encoding.offsets) {
    offsets.push_back(static_cast<std::int32_t>(code_points(c.text, range.begin)));
    offsets.push_back(static_cast<std::int32_t>(code_points(c.text, range.end)));
  }
  if (c.decoded == c.text) {
    CHECK(offsets == c.offsets);
  } else {
    // Where characters are composed, Hugging Face tokenizers leave the later ones out of the range.
    REQUIRE(offsets.size() == c.offsets.size());
    for (std::size_t i = 0; i < offsets.size(); i += 2) {
      CHECK(offsets[i] == c.offsets[i]);
      CHECK(offsets[i + 1] >= c.offsets[i + 1]);
    }
  }
}

void check_sentencepiece(const Tokenizer& tokenizer, const Case& c) {
  CAPTURE(c.text);
  CHECK(tokenizer.encode(c.text, {false, false}) == c.ids);
  CHECK(tokenizer.decode(c.ids) == c.decoded);
  CHECK(streamed(tokenizer, c.ids, true) == c.decoded);
  const Encoding encoding = tokenizer.encode_with_offsets(c.text, {false, false});
  CHECK(encoding.ids == c.ids);
  if (c.offsets.empty()) return;
  for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
    // SentencePiece gives a character to the last of its byte pieces; here each byte piece has it.
    if (tokenizer.token(encoding.ids[i]).starts_with("<0x")) continue;
    CAPTURE(i);
    CHECK(encoding.offsets[i].begin == c.offsets[2 * i]);
    // It counts spaces that it removes to the token before, and of a character that becomes several
    // each but the last is empty.
    if (c.decoded == c.text) CHECK(encoding.offsets[i].end == c.offsets[2 * i + 1]);
  }
}

// Whether special tokens are added, and "cut": [max_length, strategy, side], or null.
EncodeOptions options_of(const Json& json) {
  EncodeOptions options{json.at("special").as_bool(), true};
  if (const Json& cut = json.at("cut"); !cut.is_null()) {
    options.max_length = cut.as_array()[0].as_integer();
    options.truncation = cut.as_array()[1].as_string();
    options.truncation_side = cut.as_array()[2].as_string();
  }
  return options;
}

void check_pair(const Tokenizer& tokenizer, const Json& json) {
  const std::string& first = json.at("text").as_string();
  const std::string& second = json.at("second").as_string();
  CAPTURE(first);
  CAPTURE(second);
  const EncodeOptions options = options_of(json);
  if (json.find("fails")) {
    CHECK_THROWS_AS(tokenizer.encode_pair(first, second, options), Error);
    return;
  }
  const Encoding encoding = tokenizer.encode_pair(first, second, options);
  CHECK(encoding.ids == ids_of(json.at("ids")));
  CHECK(encoding.type_ids == ids_of(json.at("type_ids")));
  CHECK(encoding.sequence_ids == ids_of(json.at("sequence_ids")));
  CHECK(encoding.word_ids == ids_of(json.at("word_ids")));
  CHECK(encoding.offsets.size() == encoding.ids.size());
}

void check_folder(const char* folder, const char* file) {
  const Tokenizer tokenizer = load_tokenizer(golden(folder) / file);
  const Json expected = Json::parse(read_text(golden(folder) / "expected.json"));
  REQUIRE(expected.at("cases").size() > 100);
  for (const Json& json : expected.at("cases").as_array()) {
    const Case c(json, json.at("text").as_string());
    if (std::string_view(file) == "tokenizer.json")
      check_hugging_face(tokenizer, c);
    else
      check_sentencepiece(tokenizer, c);
  }
  if (!expected.find("pairs")) return;
  REQUIRE(expected.at("pairs").size() > 20);
  for (const Json& json : expected.at("pairs").as_array()) check_pair(tokenizer, json);
}

}  // namespace

TEST_CASE("tiny tokenizer.json files give the ids, text and offsets of Hugging Face tokenizers") {
  for (const char* folder :
       {"tokenizer_gpt2", "tokenizer_llama3", "tokenizer_qwen2", "tokenizer_smollm",
        "tokenizer_deepseek", "tokenizer_bert", "tokenizer_bert_cased", "tokenizer_t5",
        "tokenizer_albert", "tokenizer_marian", "tokenizer_xlnet", "tokenizer_roberta"}) {
    CAPTURE(folder);
    check_folder(folder, "tokenizer.json");
  }
}

TEST_CASE("tiny .model files give the ids, text and offsets of SentencePiece") {
  for (const char* folder :
       {"tokenizer_spm", "tokenizer_spm_plain", "tokenizer_unigram", "tokenizer_unigram_plain"}) {
    CAPTURE(folder);
    check_folder(folder, "tokenizer.model");
  }
}

TEST_CASE("published vocabularies give the ids of Hugging Face tokenizers and SentencePiece") {
  const Json oracle = Json::parse(read_text(golden("../oracle/tokenizers.json")));
  const auto& strings = oracle.at("strings").as_array();
  for (const Json& entry : oracle.at("tokenizers").as_array()) {
    const std::string name = entry.at("file").as_string();
    CAPTURE(name);
    const auto path = shared_data("tokenizers/" + name);
    if (path.empty()) {
      skipped("vocabulary " + name);
      continue;
    }
    const Tokenizer tokenizer = load_tokenizer(path);
    const auto& cases = entry.at("cases").as_array();
    REQUIRE(cases.size() == strings.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Case c(cases[i], strings[i].as_string());
      if (path.extension() == ".json")
        check_hugging_face(tokenizer, c);
      else
        check_sentencepiece(tokenizer, c);
    }
  }
}
