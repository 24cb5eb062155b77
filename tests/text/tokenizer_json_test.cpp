// tokenizer.json: what is refused, in what words, and what its parts do.
#include <functional>

#include "base/utf8.h"
#include "loquor/error.hpp"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

Json small() {
  return Json::parse(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [{"id": 9, "content": "<s>", "special": true, "single_word": false, "lstrip": false,
                      "rstrip": false, "normalized": false}],
    "normalizer": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
      "special_tokens": {"<s>": {"id": "<s>", "ids": [9], "tokens": ["<s>"]}}},
    "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
    "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
      "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
      "vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "abc": 5, "<": 6, ">": 7, "s": 8},
      "merges": ["a b", ["ab", "c"]]}})");
}

Tokenizer load(const Json& json) { return Tokenizer::from_json(json.dump()); }

// The code and the line with which a changed file is refused.
void check_refused(Code code, const std::string& line, const std::function<void(Json&)>& change) {
  Json json = small();
  change(json);
  CAPTURE(line);
  try {
    load(json);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()) == line);
  }
}

void set(Json& json, std::initializer_list<const char*> path, Json value) {
  Json* at = &json;
  for (const char* key : path) at = &(*at)[key];
  *at = std::move(value);
}

}  // namespace

TEST_CASE("merges apply in order of rank, written as a string or as a pair") {
  const Tokenizer tokenizer = load(small());
  CHECK(tokenizer.encode("abc ab cab", {false, false}) == Ids{5, 3, 4, 3, 2, 4});
  CHECK(tokenizer.vocabulary_size() == 10);
  CHECK(tokenizer.token(5) == "abc");
  CHECK(tokenizer.id("ab") == 4);
  CHECK(!tokenizer.id("ba"));
  CHECK_THROWS_AS(tokenizer.token(10), Error);
  CHECK_THROWS_AS(tokenizer.token(-1), Error);
  CHECK_THROWS_AS(tokenizer.decode(Ids{10}), Error);
}

TEST_CASE("names of special tokens become ids only where the caller allows") {
  const Tokenizer tokenizer = load(small());
  const std::string text = "<s>ab<s>";
  CHECK(tokenizer.encode(text, {true, true}) == Ids{9, 9, 4, 9});
  CHECK(tokenizer.encode(text, {false, false}) == Ids{6, 8, 7, 4, 6, 8, 7});
  const auto inside = [&](std::vector<ByteRange> ranges) {
    return tokenizer.encode(text, ranges, false);
  };
  CHECK(inside({{0, 3}}) == Ids{9, 4, 6, 8, 7});
  CHECK(inside({{5, 8}}) == Ids{6, 8, 7, 4, 9});
  CHECK(inside({{0, 3}, {4, 8}}) == Ids{9, 4, 9});
  CHECK(inside({{0, 2}, {2, 3}, {6, 8}}) == Ids{6, 8, 7, 4, 6, 8, 7});
  CHECK(inside({}) == Ids{6, 8, 7, 4, 6, 8, 7});
  CHECK_THROWS_AS(inside({{0, 9}}), Error);
  CHECK_THROWS_AS(inside({{4, 8}, {0, 3}}), Error);
  CHECK_THROWS_AS(inside({{3, 2}}), Error);
  CHECK_THROWS_AS(inside({{-1, 2}}), Error);
}

TEST_CASE(
    "a special token outside the model cannot be spelled by a word, even when merges are ignored") {
  Json json = small();
  set(json, {"model", "ignore_merges"}, Json(true));
  set(json, {"added_tokens"}, Json::parse(R"([{"id": 9, "content": "<s>", "special": true},
                                              {"id": 10, "content": "cab", "special": true}])"));
  const Tokenizer tokenizer = load(json);
  CHECK(tokenizer.encode("cab abc", {false, false}) == Ids{2, 4, 3, 5});
  CHECK(tokenizer.encode("cab abc", {false, true}) == Ids{10, 3, 5});
}

TEST_CASE("text that is not valid UTF-8 is refused with its place") {
  const Tokenizer tokenizer = load(small());
  try {
    tokenizer.encode("ab\xFF");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    CHECK(std::string(error.what()).find("at byte 2") != std::string::npos);
  }
}

TEST_CASE("a component that is not known is refused by name and place") {
  using enum Code;
  check_refused(unsupported, "tokenizer.json: the key 'extra' is not known",
                [](Json& json) { set(json, {"extra"}, Json(1)); });
  check_refused(
      unsupported,
      "tokenizer.json: model: type 'WordLevel' is not supported; known: BPE, Unigram, WordPiece",
      [](Json& json) {
        set(json, {"model", "type"}, "WordLevel");
      });
  check_refused(unsupported, "tokenizer.json: model: BPE has the key 'speed', which is not known",
                [](Json& json) {
                  set(json, {"model", "speed"}, Json(2));
                });
  check_refused(unsupported, "tokenizer.json: model: dropout is not supported", [](Json& json) {
    set(json, {"model", "dropout"}, Json(0.1));
  });
  check_refused(unsupported, "tokenizer.json: model: end_of_word_suffix is not supported",
                [](Json& json) {
                  set(json, {"model", "end_of_word_suffix"}, "</w>");
                });
  check_refused(
      unsupported,
      "tokenizer.json: normalizer.normalizers[1]: type 'ByteLevel' is not supported; known: "
      "BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Nmt, Precompiled, Prepend, Replace, "
      "Sequence, Strip, StripAccents",
      [](Json& json) {
        set(json, {"normalizer"},
            Json::parse(
                R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "ByteLevel"}]})"));
      });
  check_refused(unsupported,
                "tokenizer.json: pre_tokenizer: ByteLevel has the key 'mode', which is not known",
                [](Json& json) {
                  set(json, {"pre_tokenizer", "mode"}, "x");
                });
  check_refused(
      unsupported,
      "tokenizer.json: pre_tokenizer: the regular expression '\\w+' is not one of those known",
      [](Json& json) {
        set(json, {"pre_tokenizer"},
            Json::parse(
                R"({"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated"})"));
      });
  check_refused(unsupported,
                "tokenizer.json: decoder: type 'CTC' is not supported; known: ByteFallback, "
                "ByteLevel, Fuse, Metaspace, "
                "Replace, Sequence, Strip, WordPiece",
                [](Json& json) { set(json, {"decoder"}, Json::parse(R"({"type": "CTC"})")); });
  check_refused(
      unsupported,
      "tokenizer.json: post_processor: type 'Magic' is not supported; known: BertProcessing, "
      "ByteLevel, "
      "RobertaProcessing, Sequence, TemplateProcessing",
      [](Json& json) { set(json, {"post_processor"}, Json::parse(R"({"type": "Magic"})")); });
  check_refused(unsupported, "tokenizer.json: added_tokens: the key 'colour' is not known",
                [](Json& json) {
                  set(json, {"added_tokens"},
                      Json::parse(R"([{"id": 9, "content": "<s>", "colour": "red"}])"));
                });
}

TEST_CASE("a file that disagrees with itself is refused in one line") {
  using enum Code;
  check_refused(
      invalid_file,
      "tokenizer.json: model.merges: merge 1 needs the token 'x', which is not in the vocabulary",
      [](Json& json) {
        set(json, {"model", "merges"}, Json::parse(R"(["a b", "x b"])"));
      });
  check_refused(
      invalid_file,
      "tokenizer.json: model.merges: merge 0 needs the token 'ba', which is not in the vocabulary",
      [](Json& json) {
        set(json, {"model", "merges"}, Json::parse(R"(["b a"])"));
      });
  check_refused(
      invalid_file,
      "tokenizer.json: model.merges: merge 0 is 'ab', expected two tokens with one space between",
      [](Json& json) {
        set(json, {"model", "merges"}, Json::parse(R"(["ab"])"));
      });
  check_refused(invalid_file,
                "tokenizer.json: model.vocab: tokens 'ab' and 'abc' have the same id 4",
                [](Json& json) {
                  set(json, {"model", "vocab", "abc"}, Json(4));
                });
  check_refused(invalid_file, "tokenizer.json: model.vocab: token 'abc' has id -5", [](Json& json) {
    set(json, {"model", "vocab", "abc"}, Json(-5));
  });
  check_refused(invalid_file,
                "tokenizer.json: model.vocab: token 'abc' has id 2147483647 in a vocabulary of 5 "
                "so far; ids run from 0 "
                "without large gaps",
                [](Json& json) {
                  set(json, {"model", "vocab", "abc"}, Json(std::int64_t{2147483647}));
                });
  check_refused(invalid_file, "tokenizer.json: model.vocab: token 'abc' has id 99999999999",
                [](Json& json) {
                  set(json, {"model", "vocab", "abc"}, Json(std::int64_t{99999999999}));
                });
  check_refused(invalid_file, "tokenizer.json: model.vocab is empty", [](Json& json) {
    set(json, {"model", "vocab"}, Json::object());
    set(json, {"model", "merges"}, Json::array());
  });
  check_refused(invalid_file,
                "tokenizer.json: added_tokens: token 'ab' has id 9, in the model's vocabulary 4",
                [](Json& json) {
                  set(json, {"added_tokens"}, Json::parse(R"([{"id": 9, "content": "ab"}])"));
                });
  check_refused(invalid_file,
                "tokenizer.json: added_tokens: tokens 'abc' and 'new' have the same id 5",
                [](Json& json) {
                  set(json, {"added_tokens"}, Json::parse(R"([{"id": 5, "content": "new"}])"));
                });
  check_refused(invalid_file, "tokenizer.json: model.unk_token 'zz' is not in the vocabulary",
                [](Json& json) {
                  set(json, {"model", "unk_token"}, "zz");
                });
  check_refused(invalid_file, "tokenizer.json: there is no model",
                [](Json& json) { json = Json::object(); });
  check_refused(
      invalid_file,
      "tokenizer.json: post_processor: special_tokens: '<s>' has id 77, which is not in the "
      "vocabulary",
      [](Json& json) {
        set(json, {"post_processor", "special_tokens"}, Json::parse(R"({"<s>": {"ids": [77]}})"));
      });
  check_refused(invalid_file,
                "tokenizer.json: post_processor: single: '<q>' is not among the special_tokens",
                [](Json& json) {
                  set(json, {"post_processor", "single"},
                      Json::parse(R"([{"SpecialToken": {"id": "<q>", "type_id": 0}}])"));
                });
  check_refused(invalid_file,
                "tokenizer.json: post_processor: single: the Sequence A stands there 2 times, "
                "expected 1",
                [](Json& json) {
                  set(json, {"post_processor", "single"},
                      Json::parse(R"([{"Sequence": {"id": "A", "type_id": 0}},
                                      {"Sequence": {"id": "A", "type_id": 0}}])"));
                });
  check_refused(invalid_file,
                "tokenizer.json: post_processor: pair: the Sequence B stands there 0 times, "
                "expected 1",
                [](Json& json) {
                  set(json, {"post_processor", "pair"},
                      Json::parse(R"([{"Sequence": {"id": "A", "type_id": 0}}])"));
                });
}

TEST_CASE("a key or a token that stands twice is refused") {
  const std::string text = small().dump();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string copy = text;
    copy.replace(copy.find(from), from.size(), to);
    return copy;
  };
  CHECK_THROWS_AS(Tokenizer::from_json(replaced("\"b\":1", "\"a\":1")), Error);
  CHECK_THROWS_AS(Tokenizer::from_json(replaced("\"normalizer\":null", "\"decoder\":null")), Error);
}

TEST_CASE("rules that make a text explode are refused when they act, not obeyed") {
  Json json = small();
  const std::string many(5000, 'a');
  Json replace = Json::parse(R"({"type": "Replace", "pattern": {"String": "a"}, "content": ""})");
  replace["content"] = many;
  set(json, {"normalizer"}, replace);
  const Tokenizer tokenizer = load(json);
  CHECK_THROWS_AS(tokenizer.encode(std::string(1000, 'a')), Error);
}

TEST_CASE("sequences nested without end are refused") {
  Json json = small();
  Json nested = Json::parse(R"({"type": "NFC"})");
  for (int i = 0; i < 50; ++i) {
    Json outer = Json::parse(R"({"type": "Sequence"})");
    outer["normalizers"] = Json::array();
    outer["normalizers"].push_back(nested);
    nested = outer;
  }
  set(json, {"normalizer"}, nested);
  CHECK_THROWS_AS(load(json), Error);
}

TEST_CASE("every truncation of a file is refused without harm") {
  const std::string text = small().dump();
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(Tokenizer::from_json(std::string_view(text).substr(0, size)), Error);
  }
}

TEST_CASE("gaps between ids are no tokens") {
  Json json = small();
  set(json, {"added_tokens"},
      Json::parse(
          R"([{"id": 9, "content": "<s>", "special": true}, {"id": 20, "content": "<e>", "special": true}])"));
  const Tokenizer tokenizer = load(json);
  CHECK(tokenizer.vocabulary_size() == 21);
  CHECK_THROWS_AS(tokenizer.token(15), Error);
  CHECK(tokenizer.decode(Ids{0, 15, 1}) == "ab");
}

TEST_CASE("merges may stand before the vocabulary, and a model without a type is BPE") {
  Json json = small();
  Json model = Json::object();
  model["merges"] = json.at("model").at("merges");
  model["vocab"] = json.at("model").at("vocab");
  json["model"] = model;
  CHECK(load(json).encode("abc", {false, false}) == Ids{5});
}

TEST_CASE(
    "tokenizer_config.json gives roles, and its add_bos_token and add_eos_token replace the "
    "post-processor") {
  const std::string json = small().dump();
  const auto with = [&](const char* config) { return Tokenizer::from_json(json, config); };
  const Tokenizer plain = load(small());
  CHECK(!plain.bos_token_id());
  CHECK(plain.encode("ab") == Ids{9, 4});

  const Tokenizer roles = with(
      R"({"bos_token": "<s>", "eos_token": {"content": "abc", "lstrip": false}, "pad_token": null,
                                   "unk_token": "c"})");
  CHECK(roles.bos_token_id() == 9);
  CHECK(roles.eos_token_id() == 5);
  CHECK(roles.unk_token_id() == 2);
  CHECK(!roles.pad_token_id());
  CHECK(roles.is_special(5));
  CHECK(!roles.is_special(4));
  CHECK(roles.encode("ab") == Ids{9, 4});
  CHECK(roles.decode(Ids{9, 4, 5}) == "ab");
  CHECK(roles.decode(Ids{9, 4, 5}, false) == "<s>ababc");

  CHECK(with(R"({"bos_token": "<s>", "add_bos_token": false})").encode("ab") == Ids{4});
  CHECK(
      with(
          R"({"bos_token": "<s>", "eos_token": "abc", "add_bos_token": true, "add_eos_token": true})")
          .encode("ab") == Ids{9, 4, 5});
  CHECK(with(R"({"eos_token": "abc", "add_eos_token": true})").encode("ab") == Ids{4, 5});
  CHECK_THROWS_AS(with(R"({"eos_token": "<none>"})"), Error);
  CHECK_THROWS_AS(with(R"({"eos_token": 5})"), Error);
  CHECK(!with(R"({"pad_token": "<none>"})").pad_token_id());
}

TEST_CASE("offsets are bytes of the text, in whole characters, through normalization") {
  const Tokenizer qwen2 = load_tokenizer(golden("tokenizer_qwen2/tokenizer.json"));
  const std::string composed = "x e\u0301 \U0001F600y";  // 1 + 1 + (1 + 2) + 1 + 4 + 1 bytes
  const Encoding encoding = qwen2.encode_with_offsets(composed);
  REQUIRE(encoding.ids == qwen2.encode(composed));
  std::int64_t end = 0;
  for (const ByteRange& range : encoding.offsets) {
    CHECK(range.begin <= end);  // no byte is left out: a token goes on where the one before ended,
                                // or in the same character
    CHECK(range.end >= end);
    end = range.end;
    CHECK((range.begin == 0 || range.begin == 1 || range.begin == 2 || range.begin == 5 ||
           range.begin == 6 || range.begin == 10));
  }
  CHECK(end == 11);
}

TEST_CASE("offsets of byte-level tokens leave spaces out where the post-processor trims them") {
  const auto with = [](bool trim, bool add_prefix_space) {
    Json json = small();
    set(json, {"pre_tokenizer", "add_prefix_space"}, Json(add_prefix_space));
    Json post = Json::parse(R"({"type": "ByteLevel", "use_regex": true})");
    post["trim_offsets"] = Json(trim);
    post["add_prefix_space"] = Json(add_prefix_space);
    set(json, {"post_processor"}, post);
    set(json, {"model", "vocab"}, Json::parse(R"({"a": 0, "b": 1, "Ġ": 2, "Ġa": 3, "Ġb": 4})"));
    set(json, {"model", "merges"}, Json::parse(R"(["Ġ a", "Ġ b"])"));
    return load(json);
  };
  using Ranges = std::vector<ByteRange>;
  CHECK(with(false, false).encode_with_offsets(" a b").offsets == Ranges{{0, 2}, {2, 4}});
  CHECK(with(true, false).encode_with_offsets(" a b").offsets == Ranges{{1, 2}, {3, 4}});
  CHECK(with(true, true).encode_with_offsets("a b").offsets == Ranges{{0, 1}, {2, 3}});
  CHECK(with(true, true).encode_with_offsets(" a b").offsets == Ranges{{0, 2}, {3, 4}});
}

TEST_CASE("a stream gives only whole characters, and together what decode() gives") {
  const Tokenizer tokenizer = load_tokenizer(golden("tokenizer_gpt2/tokenizer.json"));
  const std::string text = "na\u00EFve \u4F60\u597D \U0001F600\u200D e\u0301";
  const Ids ids = tokenizer.encode(text);
  Tokenizer::Stream stream(tokenizer);
  std::string all;
  bool held_back = false;
  for (const std::int32_t id : ids) {
    const std::string piece = stream.push(id);
    CHECK(is_utf8(piece));
    CHECK(piece.find("\uFFFD") == std::string::npos);
    held_back = held_back || piece.empty();
    all += piece;
  }
  CHECK(held_back);
  CHECK(stream.finish().empty());
  CHECK(all == text);

  // A text that ends inside a character, and one that breaks off inside one.
  const Ids smile = tokenizer.encode("\U0001F600");
  REQUIRE(smile.size() > 1);
  const Ids cut(smile.begin(), smile.end() - 1);
  CHECK(tokenizer.decode(cut) == "\uFFFD");
  CHECK(streamed(tokenizer, cut, true) == "\uFFFD");
  Ids broken = cut;
  broken.push_back(tokenizer.encode("a")[0]);
  CHECK(tokenizer.decode(broken) == "\uFFFDa");
  CHECK(streamed(tokenizer, broken, true) == "\uFFFDa");
  CHECK_THROWS_AS(stream.push(1 << 20), Error);
}
