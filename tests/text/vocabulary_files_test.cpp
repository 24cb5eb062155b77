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

// As nn reads a folder: by the files that are there.
Tokenizer load_folder(const Json& files, const std::string& config) {
  const auto read = [&](const char* name) {
    return read_bytes(golden("tokenizer_classes") / files.at(name).as_string());
  };
  if (files.find("merges.txt"))
    return tokenizer_from_vocab_and_merges(read("vocab.json"), read("merges.txt"), config);
  if (files.find("vocab.json"))
    return tokenizer_from_m2m_100(read("sentencepiece.bpe.model"), read("vocab.json"), config);
  if (files.find("tokenizer.model"))
    return tokenizer_from_tokenizer_model(read("tokenizer.model"), config);
  return tokenizer_from_sentencepiece_class(
      read(files.find("spiece.model") ? "spiece.model" : "sentencepiece.bpe.model"), config);
}

TEST_CASE("folders without a tokenizer.json give the ids and text of transformers' classes") {
  const Json expected = Json::parse(read_text(golden("tokenizer_classes/folders.json")));
  const auto& texts = expected.at("texts").as_array();
  REQUIRE(texts.size() > 200);
  REQUIRE(expected.at("folders").size() == 27);
  for (const Json& entry : expected.at("folders").as_array()) {
    const std::string config = entry.at("config").dump();
    CAPTURE(config);
    const Tokenizer tokenizer = load_folder(entry.at("files"), config);
    CHECK(tokenizer.vocabulary_size() == entry.at("size").as_integer());
    const bool strips = entry.at("class").as_string() == "M2M100Tokenizer";
    const auto step = static_cast<std::size_t>(entry.at("step").as_integer());
    for (std::size_t i = 0; i * step < texts.size(); ++i) {
      const std::string& given = texts[i * step].as_string();
      CAPTURE(given);
      if (entry.at("ids").as_array()[i].is_null()) {
        for (const std::int32_t id : tokenizer.encode(given, {false, true}))
          CHECK(id != tokenizer.bos_token_id());
        continue;
      }
      const Ids ids = ids_of(entry.at("ids").as_array()[i]);
      CHECK(tokenizer.encode(given, {true, true}) == ids);
      if (i % 6 == 0) {
        const Encoding pair = tokenizer.encode_pair(given, "a model", {true, true});
        CHECK(pair.ids == ids_of(entry.at("pairs").as_array()[i / 6]));
        const Json& types = entry.at("types").as_array()[i / 6];
        if (!types.is_null()) CHECK(pair.type_ids == ids_of(types));
      }
      if (i % 4 == 0 && !strips)
        CHECK(tokenizer.decode(ids, false) == entry.at("decoded").as_array()[i / 4].as_string());
      if (i % 4 == 1) {
        const std::string& wanted =
            entry.at("decoded_skipping_special").as_array()[i / 4].as_string();
        const std::string decoded = tokenizer.decode(ids);
        CHECK((strips ? trimmed(decoded) : decoded) == wanted);
      }
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
      " with a SentencePiece model is not supported; known: AlbertTokenizer, CamembertTokenizer, "
      "MBartTokenizer, MBart50Tokenizer, MT5Tokenizer, NllbTokenizer, PegasusTokenizer, "
      "T5Tokenizer, XLMRobertaTokenizer, XLNetTokenizer";
  check_refused(unsupported, "tokenizer_class 'ReformerTokenizer'" + known,
                load(R"({"tokenizer_class": "ReformerTokenizer"})"));
  check_refused(unsupported, "tokenizer_class ''" + known, load("{}"));
  check_refused(unsupported, "eos_token '<end>' is not that of the tokenizer_class",
                load(R"({"tokenizer_class": "T5Tokenizer", "eos_token": "<end>"})"));
  check_refused(unsupported, "mask_token_sent '<mask>' is not that of the tokenizer_class",
                load(R"({"tokenizer_class": "PegasusTokenizer", "mask_token_sent": "<mask>"})"));
  check_refused(unsupported, "offset 0 is not supported, expected 103",
                load(R"({"tokenizer_class": "PegasusTokenizer", "offset": 0})"));
  check_refused(unsupported, "remove_space false is not supported",
                load(R"({"tokenizer_class": "XLNetTokenizer", "remove_space": false})"));
  check_refused(invalid_file, "NllbTokenizer needs a BPE model",
                load(R"({"tokenizer_class": "NllbTokenizer"})"));
  check_refused(invalid_file, "the vocabulary has no 'xx_XX'",
                load(R"({"tokenizer_class": "MBartTokenizer", "src_lang": "xx_XX"})"));
  check_refused(
      unsupported,
      "tokenizer_class 'BertJapaneseTokenizer' with a vocab.txt is not supported; known: "
      "BertTokenizer, DistilBertTokenizer, ElectraTokenizer",
      [] { tokenizer_from_vocab_txt("a\n", R"({"tokenizer_class": "BertJapaneseTokenizer"})"); });
  check_refused(
      unsupported,
      "tokenizer_class 'T5Tokenizer' with a vocab.json and a merges.txt is not "
      "supported; known: BartTokenizer, GPT2Tokenizer, Qwen2Tokenizer, RobertaTokenizer",
      [] { tokenizer_from_vocab_and_merges("{}", "", R"({"tokenizer_class": "T5Tokenizer"})"); });
  CHECK(tokenizer_from_sentencepiece_class(
            model, R"({"tokenizer_class": "T5TokenizerFast", "extra_ids": 0})")
            .vocabulary_size() == 300);
}

TEST_CASE("a config that numbers tokens otherwise than the vocabulary is refused") {
  using enum Code;
  const std::string model = read_bytes(golden("tokenizer_classes/llama.model"));
  const auto load = [&](const char* token) {
    const std::string config = text(R"({"added_tokens_decoder": {)", token, "}}");
    return [&model, config] { tokenizer_from_tokenizer_model(model, config); };
  };
  check_refused(invalid_file, "added_tokens_decoder: token '</s>' has id 540, in the vocabulary 2",
                load(R"("540": {"content": "</s>"})"));
  check_refused(invalid_file,
                "added_tokens_decoder: token '<x>' has id 2, and the vocabulary goes on at 540",
                load(R"("2": {"content": "<x>"})"));
  check_refused(invalid_file, "added_tokens_decoder: '2x' is no id",
                load(R"("2x": {"content": "<x>"})"));
  check_refused(unsupported,
                "tokenizer_class 'CodeLlamaTokenizer' with a tokenizer.model is not supported; "
                "known: ChatGLMTokenizer, GemmaTokenizer, LlamaTokenizer",
                [&] {
                  tokenizer_from_tokenizer_model(model,
                                                 R"({"tokenizer_class": "CodeLlamaTokenizer"})");
                });
}

TEST_CASE("damaged files give a tokenizer or an error") {
  const auto folder = golden("tokenizer_classes");
  const auto try_all = [](const std::string& content, const auto& load) {
    const auto attempt = [&](const std::string& damaged) {
      try {
        const Tokenizer tokenizer = load(damaged);
        tokenizer.decode(tokenizer.encode("Hello, <s> w\u00f6rld 12,3", {true, true}), false);
      } catch (const Error&) {
      }
    };
    for (std::size_t at = 0; at < content.size(); at += 41) {
      attempt(content.substr(0, at));
      std::string changed = content;
      changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
      attempt(changed);
    }
  };
  const auto file = [&](const char* name) { return read_bytes(folder / name); };
  for (const auto& [name, config] :
       {std::pair{"nllb.model", R"({"tokenizer_class": "NllbTokenizer"})"},
        {"albert.model", R"({"tokenizer_class": "AlbertTokenizer"})"},
        {"google.model", R"({"tokenizer_class": "PegasusTokenizer"})"}}) {
    try_all(file(name), [config = config](const std::string& model) {
      return tokenizer_from_sentencepiece_class(model, config);
    });
  }
  try_all(file("llama.model"), [](const std::string& model) {
    return tokenizer_from_tokenizer_model(model, R"({"tokenizer_class": "LlamaTokenizer"})");
  });
  constexpr const char* kGpt2 = R"({"tokenizer_class": "GPT2Tokenizer"})";
  const std::string vocab = file("gpt2.vocab.json"), merges = file("gpt2.merges.txt");
  try_all(vocab, [&](const std::string& damaged) {
    return tokenizer_from_vocab_and_merges(damaged, merges, kGpt2);
  });
  try_all(merges, [&](const std::string& damaged) {
    return tokenizer_from_vocab_and_merges(vocab, damaged, kGpt2);
  });
}

TEST_CASE("no text forges a token that only the config makes special") {
  const std::string model = read_bytes(golden("tokenizer_classes/gemma.model"));
  const auto ids = [&](const char* config, bool parse_special) {
    return tokenizer_from_tokenizer_model(model, config)
        .encode("<start_of_turn>", {false, parse_special});
  };
  constexpr const char* kSpecial =
      R"({"tokenizer_class": "GemmaTokenizer", "extra_special_tokens": ["<start_of_turn>"]})";
  CHECK(ids(R"({"tokenizer_class": "GemmaTokenizer"})", false) == Ids{5});
  CHECK(ids(kSpecial, true) == Ids{5});
  CHECK(ids(kSpecial, false).size() > 5);
}

TEST_CASE("a tokenizer.model has the roles that its config gives") {
  const Tokenizer tokenizer = tokenizer_from_tokenizer_model(
      read_bytes(golden("tokenizer_classes/gemma.model")),
      R"({"tokenizer_class": "GemmaTokenizer", "cls_token": "<bos>", "sep_token": "<eos>"})");
  CHECK(tokenizer.cls_token_id() == tokenizer.id("<bos>"));
  CHECK(tokenizer.sep_token_id() == tokenizer.id("<eos>"));
  CHECK(tokenizer.mask_token_id() == tokenizer.id("<mask>"));
}

// As published: ChatGLM2's 64789 pieces are followed by "[MASK]", "[gMASK]" 64790, "[sMASK]", "sop"
// 64792, "eop", ChatGLM3's "<|system|>" 64794 and so on; texts begin with 64790 64792.
TEST_CASE("ChatGLM's tokens stand behind the pieces, two of them in front of a text") {
  const Tokenizer tokenizer =
      tokenizer_from_tokenizer_model(read_bytes(golden("tokenizer_classes/llama.model")),
                                     R"({"tokenizer_class": "ChatGLMTokenizer"})");
  const Tokenizer plain = tokenizer_from_tokenizer_model(
      read_bytes(golden("tokenizer_classes/llama.model")), R"({"add_bos_token": false})");
  Ids expected = plain.encode("Hello world");
  expected.insert(expected.begin(), {541, 543});
  CHECK(tokenizer.encode("Hello world") == expected);
  CHECK(tokenizer.id("<|system|>") == 545);
  CHECK(tokenizer.id("<|observation|>") == 548);
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
