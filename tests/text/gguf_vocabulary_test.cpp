// Vocabularies from GGUF: the same ids as from the model's own files, and what is refused.
#include <functional>

#include "loquor/error.hpp"
#include "text/sentencepiece_model.h"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

GgufVocabulary byte_level() {
  GgufVocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = "gpt-2";
  vocabulary.tokens = {"a", "b", "Ġ", "ab", "<end>", "<user>", "1"};
  vocabulary.token_types = {1, 1, 1, 1, 3, 4, 1};
  vocabulary.merges = {"a b"};
  vocabulary.bos = vocabulary.eos = 4;
  return vocabulary;
}

GgufVocabulary sentencepiece() {
  GgufVocabulary vocabulary;
  vocabulary.model = "llama";
  vocabulary.tokens = {"<unk>", "<s>", "</s>", "▁", "a", "b", "▁a", "ab", "<tool>"};
  vocabulary.token_types = {2, 3, 3, 1, 1, 1, 1, 1, 4};
  vocabulary.scores = {0, 0, 0, -5, -5, -5, -1, -2, 0};
  vocabulary.bos = 1;
  vocabulary.eos = 2;
  return vocabulary;
}

// As llama.cpp's converter writes a Unigram model: user-defined symbols are like other pieces.
GgufVocabulary unigram(std::string_view bytes) {
  const SentencePieceModel model = read_sentencepiece_model(bytes);
  GgufVocabulary vocabulary;
  vocabulary.model = "t5";
  for (const auto& [name, piece] : model.pieces) {
    vocabulary.tokens.emplace_back(name);
    vocabulary.scores.push_back(piece.score);
    const bool is_symbol = piece.type == PieceType::user_defined;
    vocabulary.token_types.push_back(is_symbol ? 1 : static_cast<std::int64_t>(piece.type));
  }
  vocabulary.add_eos = false;
  vocabulary.add_space_prefix = model.add_dummy_prefix;
  vocabulary.remove_extra_whitespaces = model.remove_extra_whitespaces;
  vocabulary.character_map = model.character_map;
  return vocabulary;
}

void check_refused(Code code, const std::string& line, GgufVocabulary vocabulary,
                   const std::function<void(GgufVocabulary&)>& change) {
  change(vocabulary);
  CAPTURE(line);
  try {
    tokenizer_from_gguf(vocabulary);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()) == "GGUF vocabulary: " + line);
  }
}

}  // namespace

TEST_CASE("a GGUF vocabulary gives the ids of the SentencePiece model it was made from") {
  for (const char* folder : {"tokenizer_spm", "tokenizer_spm_plain"}) {
    CAPTURE(folder);
    const Tokenizer model = load_tokenizer(golden(folder) / "tokenizer.model");
    const Tokenizer gguf = load_tokenizer(golden(folder) / "vocab.gguf");
    CHECK(gguf.vocabulary_size() == model.vocabulary_size());
    CHECK(gguf.bos_token_id() == model.bos_token_id());
    CHECK(gguf.eos_token_id() == model.eos_token_id());
    const Json expected = Json::parse(read_text(golden(folder) / "expected.json"));
    for (const Json& json : expected.at("cases").as_array()) {
      const std::string& text = json.at("text").as_string();
      CAPTURE(text);
      const Ids ids = ids_of(json.at("ids"));
      CHECK(gguf.encode(text, {false, false}) == ids);
      CHECK(gguf.decode(ids) == model.decode(ids));
    }
  }
}

TEST_CASE("a GGUF vocabulary gives the ids of the tokenizer.json it was made from") {
  const Tokenizer json = load_tokenizer(golden("chat_llama/tokenizer.json"));
  const Tokenizer gguf = load_tokenizer(golden("chat_llama/chat_llama.gguf"));
  const Json expected = Json::parse(read_text(golden("tokenizer_llama3/expected.json")));
  for (const Json& entry : expected.at("cases").as_array()) {
    const std::string& text = entry.at("text").as_string();
    CAPTURE(text);
    CHECK(gguf.encode(text) == json.encode(text));
    CHECK(gguf.encode(text, {false, true}) == json.encode(text, {false, true}));
  }
}

TEST_CASE("a Unigram vocabulary as the converter writes it gives the ids of its tokenizer class") {
  const Json expected = Json::parse(read_text(golden("tokenizer_classes/expected.json")));
  int cases = 0;
  for (const Json& entry : expected.as_array()) {
    const std::string& name = entry.at("class").as_string();
    if (name != "T5Tokenizer" && name != "XLMRobertaTokenizer") continue;
    CAPTURE(name);
    const Tokenizer gguf = load_tokenizer(golden(
        name == "T5Tokenizer" ? "gguf/t5_vocabulary.gguf" : "gguf/xlm_roberta_vocabulary.gguf"));
    for (const Json& json : entry.at("cases").as_array()) {
      const std::string& text = json.at("text").as_string();
      // The converter leaves these out.
      if (text.find("<mask>") != std::string::npos || text.find("<extra_id") != std::string::npos)
        continue;
      CAPTURE(text);
      ++cases;
      CHECK(gguf.encode(text) == ids_of(json.at("ids")));
      CHECK(gguf.encode_pair(text, "a model").ids == ids_of(json.at("pair")));
    }
  }
  CHECK(cases > 50);
}

TEST_CASE("a Unigram vocabulary gives the ids of the SentencePiece model it was made from") {
  const auto shared = shared_data("tokenizers/sentencepiece");
  std::vector<std::filesystem::path> models = {golden("tokenizer_unigram/tokenizer.model"),
                                               golden("tokenizer_unigram_plain/tokenizer.model")};
  const Json strings = Json::parse(read_text(golden("tokenizer_unigram/expected.json")));
  std::vector<std::string> texts;
  for (const Json& json : strings.at("cases").as_array())
    texts.push_back(json.at("text").as_string());
  if (shared.empty()) {
    skipped("SentencePiece's own models");
  } else {
    models.push_back(shared / "test_model.model");
    models.push_back(shared / "test_ja_model.model");
    std::istringstream lines(read_text(shared / "botchan.txt"));
    for (std::string line; std::getline(lines, line);) texts.push_back(line);
  }
  for (const auto& path : models) {
    CAPTURE(path);
    const std::string bytes(Bytes::map(path).view());
    const Tokenizer model = load_tokenizer(path);
    const Tokenizer gguf = tokenizer_from_gguf(unigram(bytes));
    const SentencePieceModel parsed = read_sentencepiece_model(bytes);
    const auto has_symbol = [&](const std::string& text) {
      return std::any_of(parsed.pieces.begin(), parsed.pieces.end(), [&](const auto& piece) {
        return piece.piece.type == PieceType::user_defined &&
               text.find(piece.name) != std::string::npos;
      });
    };
    int cases = 0;
    for (const std::string& text : texts) {
      if (has_symbol(text)) continue;
      CAPTURE(text);
      ++cases;
      const Ids ids = model.encode(text, {false, false});
      CHECK(gguf.encode(text, {false, false}) == ids);
      CHECK(gguf.decode(ids) == model.decode(ids));
    }
    CHECK(cases > 20);
  }
}

TEST_CASE("a damaged map of characters in a GGUF vocabulary is refused") {
  GgufVocabulary vocabulary =
      unigram(Bytes::map(golden("tokenizer_unigram/tokenizer.model")).view());
  REQUIRE(vocabulary.character_map.size() > 8);
  check_refused(Code::invalid_file,
                "precompiled_charsmap of 123582 bytes declares a trie of 184320 bytes", vocabulary,
                [](auto& v) { v.character_map.resize(v.character_map.size() / 2); });
}

TEST_CASE("each name of a pre-tokenizer cuts as the tokenizer.json of its models does") {
  struct Source {
    const char *folder, *pre;
  };
  for (const Source& source :
       {Source{"tokenizer_llama3", "llama-bpe"}, Source{"tokenizer_llama3", "glm4"},
        Source{"tokenizer_qwen2", "qwen2"}, Source{"tokenizer_smollm", "smollm"},
        Source{"tokenizer_roberta", "roberta-bpe"}, Source{"tokenizer_deepseek", "deepseek-v3"}}) {
    const auto folder = golden(source.folder);
    CAPTURE(source.pre);
    const Tokenizer tokenizer = load_tokenizer(folder / "tokenizer.json");
    const Json json = Json::parse(read_text(folder / "tokenizer.json"));
    GgufVocabulary vocabulary;
    vocabulary.model = "gpt2";
    vocabulary.pre = source.pre;
    for (std::int32_t id = 0; id < tokenizer.vocabulary_size(); ++id) {
      vocabulary.tokens.push_back(tokenizer.token(id));
    }
    vocabulary.token_types.assign(vocabulary.tokens.size(), 1);
    for (const Json& token : json.at("added_tokens").as_array()) {
      const auto id = static_cast<std::size_t>(token.at("id").as_integer());
      vocabulary.token_types[id] = token.at("special").as_bool() ? 3 : 4;
    }
    for (const Json& merge : json.at("model").at("merges").as_array()) {
      vocabulary.merges.push_back(merge.is_string() ? merge.as_string()
                                                    : merge.as_array()[0].as_string() + " " +
                                                          merge.as_array()[1].as_string());
    }
    const Tokenizer gguf = tokenizer_from_gguf(vocabulary);
    const Json expected = Json::parse(read_text(folder / "expected.json"));
    for (const Json& entry : expected.at("cases").as_array()) {
      const std::string& text = entry.at("text").as_string();
      CAPTURE(text);
      CHECK(gguf.encode(text, {false, true}) == ids_of(entry.at("ids")));
    }
  }
}

TEST_CASE("names of pre-tokenizers that differ from others in one thing") {
  GgufVocabulary vocabulary = byte_level();
  vocabulary.tokens = {"a", "Ã", "©", "Ã©", "Ì", "ģ", "e", "<end>"};
  vocabulary.token_types = {1, 1, 1, 1, 1, 1, 1, 3};
  vocabulary.merges = {"Ã ©"};
  vocabulary.bos = vocabulary.eos = 7;
  CHECK(tokenizer_from_gguf(vocabulary).encode("e\u0301") == Ids{6, 4, 5});
  vocabulary.pre = "modern-bert";
  vocabulary.add_bos = vocabulary.add_eos = true;
  CHECK(tokenizer_from_gguf(vocabulary).encode("e\u0301") == Ids{7, 3, 7});
  CHECK(tokenizer_from_gguf(vocabulary).encode_pair("a", "e").ids == Ids{7, 0, 7, 6, 7});
  vocabulary.pre = "roberta-bpe";
  CHECK(tokenizer_from_gguf(vocabulary).encode_pair("a", "e").ids == Ids{7, 0, 7, 7, 6, 7});
  vocabulary = byte_level();
  vocabulary.tokens = {"a", "b", "c", "ab", "<end>", "<user>", "abc"};
  vocabulary.merges = {"a b"};
  vocabulary.pre = "glm4";
  CHECK(tokenizer_from_gguf(vocabulary).encode("abc") == Ids{6});
  vocabulary.pre = "chatglm-bpe";
  CHECK(tokenizer_from_gguf(vocabulary).encode("abc") == Ids{3, 2});
}

TEST_CASE(
    "types of tokens decide what is found in text: control with parse_special, user-defined "
    "always") {
  const Tokenizer tokenizer = tokenizer_from_gguf(byte_level());
  CHECK(tokenizer.encode("ab<user>a", {false, false}) == Ids{3, 5, 0});
  CHECK(tokenizer.encode("ab<end>a", {false, true}) == Ids{3, 4, 0});
  CHECK(tokenizer.encode("a<end>b", {false, false}) == Ids{0, 1});
  CHECK(tokenizer.is_special(4));
  CHECK(!tokenizer.is_special(5));
  CHECK(tokenizer.decode(Ids{3, 2, 5, 4}) == "ab <user>");
}

TEST_CASE("BOS is added as the file says, else as its kind of tokenizer does") {
  GgufVocabulary vocabulary = byte_level();
  CHECK(tokenizer_from_gguf(vocabulary).encode("a") == Ids{0});
  vocabulary.pre = "llama-bpe";
  CHECK(tokenizer_from_gguf(vocabulary).encode("a") == Ids{4, 0});
  vocabulary.add_bos = false;
  vocabulary.add_eos = true;
  CHECK(tokenizer_from_gguf(vocabulary).encode("a") == Ids{0, 4});
  CHECK(tokenizer_from_gguf(sentencepiece()).encode("a") == Ids{1, 6});
}

TEST_CASE(
    "a space comes before a SentencePiece text and behind each special token, unless the file says "
    "no") {
  GgufVocabulary vocabulary = sentencepiece();
  CHECK(tokenizer_from_gguf(vocabulary).encode("ab", {false, false}) == Ids{6, 5});
  CHECK(tokenizer_from_gguf(vocabulary).encode("a<tool>a</s>", {false, true}) == Ids{6, 8, 6, 2});
  CHECK(tokenizer_from_gguf(vocabulary).decode(Ids{6, 5, 6}) == "ab a");
  vocabulary.add_space_prefix = false;
  CHECK(tokenizer_from_gguf(vocabulary).encode("ab", {false, false}) == Ids{7});
  CHECK(tokenizer_from_gguf(vocabulary).decode(Ids{6, 5}) == " ab");
}

TEST_CASE("a WordPiece vocabulary is read in the form of its own file, in lower case if it is so") {
  GgufVocabulary vocabulary;
  vocabulary.model = "bert";
  vocabulary.tokens = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁run", "ning", "▁e", "▁,"};
  vocabulary.token_types = {3, 3, 3, 3, 1, 1, 1, 1};
  vocabulary.unk = 1;
  vocabulary.cls = 2;
  vocabulary.sep = 3;
  CHECK(tokenizer_from_gguf(vocabulary).encode("RUNning, é ning") == Ids{2, 4, 5, 7, 6, 1, 3});
  CHECK(tokenizer_from_gguf(vocabulary).decode(Ids{2, 4, 5, 7, 6, 3}) == "running, e");
  vocabulary.tokens[6] = "▁E";
  CHECK(tokenizer_from_gguf(vocabulary).encode("run Run E é") == Ids{2, 4, 1, 6, 1, 3});
  vocabulary.tokens[6] = "▁e";
  vocabulary.lowercase = false;
  CHECK(tokenizer_from_gguf(vocabulary).encode("run Run e é") == Ids{2, 4, 1, 6, 1, 3});
  vocabulary.strip_accents = true;
  CHECK(tokenizer_from_gguf(vocabulary).encode("run Run e é") == Ids{2, 4, 1, 6, 6, 3});
  check_refused(Code::invalid_file, "tokenizer.ggml.unknown_token_id is missing", vocabulary,
                [](auto& v) { v.unk = std::nullopt; });
  check_refused(Code::invalid_file, "tokenizer.ggml.cls_token_id or seperator_token_id is missing",
                vocabulary, [](auto& v) { v.sep = std::nullopt; });
}

TEST_CASE("vocabularies that are malformed or not supported are refused in one line") {
  using enum Code;
  const std::string known =
      "known: gpt-2, phi-2, llama-bpe, llama-v3, llama3, qwen2, deepseek-r1-qwen, smollm, "
      "starcoder, refact, roberta-bpe, modern-bert, deepseek-v3, chatglm-bpe, glm4";
  check_refused(unsupported,
                "tokenizer.ggml.model 'rwkv' is not supported; known: bert, gpt2, llama, t5",
                byte_level(), [](auto& v) { v.model = "rwkv"; });
  check_refused(invalid_file, "tokenizer.ggml.scores is missing", byte_level(),
                [](auto& v) { v.model = "t5"; });
  check_refused(unsupported,
                "tokenizer.ggml.normalizer is built for model bert alone, found 'gpt2'",
                byte_level(), [](auto& v) { v.lowercase = true; });
  check_refused(unsupported, "tokenizer.ggml.pre 'tekken' is not supported; " + known, byte_level(),
                [](auto& v) { v.pre = "tekken"; });
  check_refused(unsupported, "tokenizer.ggml.pre is missing; " + known, byte_level(),
                [](auto& v) { v.pre = ""; });
  check_refused(invalid_file, "the vocabulary is empty", byte_level(),
                [](auto& v) { v.tokens.clear(); });
  check_refused(invalid_file, "tokenizer.ggml.token_type has 3 entries for 7 tokens", byte_level(),
                [](auto& v) { v.token_types.resize(3); });
  check_refused(invalid_file, "tokenizer.ggml.scores has 2 entries for 9 tokens", sentencepiece(),
                [](auto& v) { v.scores.resize(2); });
  check_refused(invalid_file, "tokenizer.ggml.scores is missing", sentencepiece(),
                [](auto& v) { v.scores.clear(); });
  check_refused(invalid_file, "tokenizer.ggml.merges is missing", byte_level(),
                [](auto& v) { v.merges.clear(); });
  check_refused(invalid_file, "merge 0 needs the token 'q', which is not in the vocabulary",
                byte_level(), [](auto& v) { v.merges = {"a q"}; });
  check_refused(invalid_file, "token 1 has type 9, expected 1 to 6", byte_level(),
                [](auto& v) { v.token_types[1] = 9; });
  check_refused(invalid_file, "token 1 has type 4294967297, expected 1 to 6", byte_level(),
                [](auto& v) { v.token_types[1] = (std::int64_t{1} << 32) + 1; });
  check_refused(invalid_file, "token 'a' is there twice, as ids 0 and 1", byte_level(),
                [](auto& v) { v.tokens[1] = "a"; });
  check_refused(invalid_file, "token 1, '\\xfe', is not valid UTF-8", byte_level(),
                [](auto& v) { v.tokens[1] = "\xFE"; });
  check_refused(invalid_file, "tokenizer.ggml.bos_token_id is 7 in a vocabulary of 7", byte_level(),
                [](auto& v) { v.bos = 7; });
  check_refused(invalid_file, "tokenizer.ggml.eos_token_id is -1 in a vocabulary of 7",
                byte_level(), [](auto& v) { v.eos = -1; });
  check_refused(invalid_file, "the score of token 'a' is not a number", sentencepiece(),
                [](auto& v) { v.scores[4] = std::numeric_limits<float>::quiet_NaN(); });
  check_refused(invalid_file, "the vocabulary has neither an unknown token nor byte tokens",
                sentencepiece(), [](auto& v) { v.token_types[0] = 1; });
}
