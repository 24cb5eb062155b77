// Tokenizers from directories without a tokenizer.json.
#include "text/vocabulary_files.h"

#include <functional>

#include "base/error.h"
#include "text/normalizer.h"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

std::string read_bytes(const std::filesystem::path& path) {
  return std::string(Bytes::map(path).view());
}

// Without white space at its ends, as Python's strip() leaves it.
std::string trimmed(const std::string& text) {
  return std::string(Strip{true, true}.apply(AlignedText(text, 0, false)).text());
}

void check_refused(Code code, const std::string& line, const std::function<void()>& load) {
  CAPTURE(line);
  try {
    load();
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()) == line);
  }
}

}  // namespace

TEST_CASE("vocab.txt gives the ids of the tokenizer.json with the same vocabulary") {
  const Tokenizer json = load_tokenizer(golden("tokenizer_bert/tokenizer.json"));
  const std::string lines = read_bytes(golden("tokenizer_bert/vocab.txt"));
  const Tokenizer tokenizer = tokenizer_from_vocab_txt(lines, "");
  CHECK(tokenizer.vocabulary_size() == json.vocabulary_size());
  CHECK(tokenizer.pad_token_id() == 0);
  CHECK(tokenizer.unk_token_id() == json.id("[UNK]"));
  CHECK(tokenizer.sep_token_id() == json.id("[SEP]"));
  CHECK(tokenizer.cls_token_id() == json.id("[CLS]"));
  CHECK(tokenizer.mask_token_id() == json.id("[MASK]"));
  const Json expected = Json::parse(read_text(golden("tokenizer_bert/expected.json")));
  for (const Json& entry : expected.at("cases").as_array()) {
    const std::string& text = entry.at("text").as_string();
    CAPTURE(text);
    CHECK(tokenizer.encode(text, {false, true}) == ids_of(entry.at("ids")));
    CHECK(tokenizer.encode_pair(text, "a").type_ids == json.encode_pair(text, "a").type_ids);
    CHECK(tokenizer.encode(text) == json.encode(text));
    CHECK(tokenizer.decode(tokenizer.encode(text)) == json.decode(json.encode(text)));
  }
}

TEST_CASE("tokenizer_config.json sets the options of vocab.txt") {
  const std::string lines = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nÉ\ne\né\nE\n漢\n##字\n漢字";
  const auto ids = [&](const char* config, const char* text) {
    return tokenizer_from_vocab_txt(lines, config).encode(text, {false, false});
  };
  CHECK(ids("{}", "É") == Ids{6});
  CHECK(ids(R"({"strip_accents": false})", "É") == Ids{7});
  CHECK(ids(R"({"do_lower_case": false})", "É") == Ids{5});
  CHECK(ids(R"({"do_lower_case": false, "strip_accents": true})", "É") == Ids{8});
  CHECK(ids("{}", "漢字") == Ids{9, 1});
  CHECK(ids(R"({"tokenize_chinese_chars": false})", "漢字") == Ids{11});
  CHECK(ids(R"({"unk_token": "[MASK]"})", "x") == Ids{4});
  CHECK(tokenizer_from_vocab_txt("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n", "").encode("a") ==
        Ids{2, 4, 3});
}

TEST_CASE("a vocab.txt that cannot be is refused in one line") {
  using enum Code;
  const auto load = [](const char* lines) {
    return [lines] { tokenizer_from_vocab_txt(lines, ""); };
  };
  check_refused(invalid_file, "the vocabulary is empty", load(""));
  check_refused(invalid_file, "unk_token '[UNK]' is not in the vocabulary", load("a\nb\n"));
  check_refused(invalid_file, "cls_token '[CLS]' is not in the vocabulary", load("[UNK]\n"));
  check_refused(invalid_file, "token 'a' is there twice, as ids 0 and 1", load("a\na\n"));
}

TEST_CASE("SentencePiece models have the ids and marks of transformers' tokenizer classes") {
  const auto folder = golden("tokenizer_classes");
  const Json expected = Json::parse(read_text(folder / "expected.json"));
  REQUIRE(expected.size() == 4);
  for (const Json& entry : expected.as_array()) {
    const std::string name = entry.at("class").as_string();
    CAPTURE(name);
    const std::string config = text(R"({"tokenizer_class": ")", name, R"("})");
    const Tokenizer tokenizer = tokenizer_from_sentencepiece_class(
        read_bytes(folder / entry.at("file").as_string()), config);
    CHECK(tokenizer.vocabulary_size() == entry.at("size").as_integer());
    for (const auto& member : entry.at("tokens").as_object()) {
      const auto& token = member.first;
      const auto& id = member.second;
      CAPTURE(token);
      CHECK(tokenizer.id(token) == id.as_integer());
    }
    const bool has_roles = name != "T5Tokenizer";
    CHECK(tokenizer.cls_token_id() == (has_roles ? tokenizer.id("<s>") : std::nullopt));
    CHECK(tokenizer.sep_token_id() == (has_roles ? tokenizer.id("</s>") : std::nullopt));
    CHECK(tokenizer.mask_token_id() == (has_roles ? tokenizer.id("<mask>") : std::nullopt));
    const auto& cases = entry.at("cases").as_array();
    REQUIRE(cases.size() > 150);
    for (const Json& json : cases) {
      const std::string& given = json.at("text").as_string();
      CAPTURE(given);
      CHECK(tokenizer.encode(given, {true, true}) == ids_of(json.at("ids")));
      CHECK(tokenizer.encode_pair(given, "a model", {true, true}).ids == ids_of(json.at("pair")));
    }
  }
}

TEST_CASE("a tokenizer class that is not known, or not as it should be, is refused by name") {
  using enum Code;
  const std::string model = read_bytes(golden("tokenizer_classes/spiece.model"));
  const auto load = [&](const char* config) {
    return [&model, config] { tokenizer_from_sentencepiece_class(model, config); };
  };
  const std::string known =
      " without a tokenizer.json is not supported; known: CamembertTokenizer, MBartTokenizer, "
      "MT5Tokenizer, T5Tokenizer, XLMRobertaTokenizer";
  check_refused(unsupported, "tokenizer_class 'PegasusTokenizer'" + known,
                load(R"({"tokenizer_class": "PegasusTokenizer"})"));
  check_refused(unsupported, "tokenizer_class ''" + known, load("{}"));
  check_refused(unsupported, "eos_token '<end>' is not that of the tokenizer_class",
                load(R"({"tokenizer_class": "T5Tokenizer", "eos_token": "<end>"})"));
  check_refused(invalid_file, "the vocabulary has no 'xx_XX'",
                load(R"({"tokenizer_class": "MBartTokenizer", "src_lang": "xx_XX"})"));
  CHECK(tokenizer_from_sentencepiece_class(
            model, R"({"tokenizer_class": "T5TokenizerFast", "extra_ids": 0})")
            .vocabulary_size() == 300);
}

TEST_CASE("Marian's pair of models gives the ids and text of transformers' MarianTokenizer") {
  const auto folder = golden("tokenizer_marian_pair");
  const auto file = [&](const char* name) { return read_bytes(folder / name); };
  const auto [source, target] = tokenizers_from_marian(
      file("source.spm"), file("target.spm"), file("vocab.json"), file("tokenizer_config.json"));
  CHECK(source.eos_token_id() == 0);
  CHECK(source.pad_token_id() == source.vocabulary_size() - 1);
  const Json expected = Json::parse(read_text(folder / "expected.json"));
  REQUIRE(expected.at("cases").size() > 200);
  for (const Json& json : expected.at("cases").as_array()) {
    const std::string& given = json.at("text").as_string();
    CAPTURE(given);
    const Ids ids = ids_of(json.at("ids"));
    CHECK(source.encode(given, {true, true}) == ids);
    CHECK(target.encode(given, {true, true}) == ids_of(json.at("target")));
    CHECK(source.encode_pair(given, "a model", {true, true}).ids == ids_of(json.at("pair")));
    CHECK(trimmed(source.decode(ids)) == json.at("decoded").as_string());
  }
}

TEST_CASE("a pair of Marian's that cannot be is refused") {
  using enum Code;
  const auto folder = golden("tokenizer_marian_pair");
  const std::string model = read_bytes(folder / "source.spm");
  check_refused(unsupported, "separate_vocabs of MarianTokenizer is not supported", [&] {
    tokenizers_from_marian(model, model, "{}", R"({"separate_vocabs": true})");
  });
  check_refused(invalid_file, "source.spm: unk_token '<unk>' is not in the vocabulary",
                [&] { tokenizers_from_marian(model, model, R"({"</s>": 0})", ""); });
  check_refused(invalid_file, "target.spm: SentencePiece model: the model has no pieces", [&] {
    tokenizers_from_marian(model, "", R"({"</s>": 0, "<unk>": 1, "<pad>": 2})", "");
  });
}
