// Published vectors of others: llama.cpp's vocabulary tests and swift-transformers' tokenizer
// tests.
#include <sstream>

#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

// llama.cpp's cases: texts separated by a line of their own, ids one case a line.
struct VocabularyTest {
  std::vector<std::string> texts;
  std::vector<Ids> ids;
};

VocabularyTest read_vocabulary_test(const std::string& name) {
  const auto folder = shared_data("tokenizers/gguf-vocab");
  VocabularyTest test;
  constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";
  std::string texts = read_text(folder / ("ggml-vocab-" + name + ".gguf.inp"));
  for (std::size_t end; (end = texts.find(kSeparator)) != std::string::npos;) {
    test.texts.push_back(texts.substr(0, end));
    texts.erase(0, end + kSeparator.size());
  }
  REQUIRE(texts.empty());
  std::istringstream lines(read_text(folder / ("ggml-vocab-" + name + ".gguf.out")));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream numbers(line);
    Ids ids;
    for (std::int32_t id; numbers >> id;) ids.push_back(id);
    test.ids.push_back(ids);
  }
  REQUIRE(test.texts.size() == test.ids.size());
  REQUIRE(test.texts.size() == 46);
  return test;
}

struct Vector {
  std::string vocabulary, name;  // a file under tokenizers/, and the vectors' own name for it
};

}  // namespace

TEST_CASE("llama.cpp's vocabulary tests give the same ids, from GGUF and from tokenizer.json") {
  const Vector vectors[] = {{"gguf-vocab/ggml-vocab-gpt-2.gguf", "gpt-2"},
                            {"gguf-vocab/ggml-vocab-llama-spm.gguf", "llama-spm"},
                            {"gguf-vocab/ggml-vocab-phi-3.gguf", "phi-3"},
                            {"llama3_1/tokenizer.json", "llama-bpe"},
                            {"qwen3/tokenizer.json", "qwen2"},
                            {"roberta-base/tokenizer.json", "roberta-bpe"},
                            {"gguf-vocab/ggml-vocab-bert-bge.gguf", "bert-bge"},
                            {"bert/bert-vocab.txt", "bert-bge"}};
  for (const Vector& vector : vectors) {
    const std::string &vocabulary = vector.vocabulary, &name = vector.name;
    CAPTURE(name);
    const auto path = shared_data("tokenizers/" + vocabulary);
    if (path.empty()) {
      skipped("llama.cpp's vocabulary test " + name);
      continue;
    }
    const Tokenizer tokenizer = load_tokenizer(path);
    const VocabularyTest test = read_vocabulary_test(name);
    for (std::size_t i = 0; i < test.texts.size(); ++i) {
      CAPTURE(test.texts[i]);
      const Ids ids = tokenizer.encode(test.texts[i], {false, false});
      CHECK(ids == test.ids[i]);
      if (name != "bert-bge") CHECK(tokenizer.decode(ids) == test.texts[i]);
    }
  }
}

TEST_CASE("swift-transformers' tokenizer tests give the same ids and text") {
  const Vector vectors[] = {
      {"gguf-vocab/ggml-vocab-gpt-2.gguf", "distilgpt2"},
      {"gguf-vocab/ggml-vocab-llama-spm.gguf", "coreml-projects/Llama-2-7b-chat-coreml"},
      {"llama3_1/tokenizer.json", "pcuenq/Llama-3.2-1B-Instruct-tokenizer"},
      {"bert/bert-vocab.txt", "bert-base-uncased"},
      {"bert/bert-vocab.txt", "google-bert/bert-base-uncased"},
      {"gguf-vocab/ggml-vocab-bert-bge.gguf", "google-bert/bert-base-uncased"},
      {"t5-small/tokenizer.json", "t5-base"}};
  const auto cases = shared_data("tokenizers/vectors/tokenizer_tests.json");
  if (cases.empty()) return skipped("swift-transformers' tokenizer tests");
  const Json all = Json::parse(read_text(cases));
  for (const Vector& vector : vectors) {
    const std::string &vocabulary = vector.vocabulary, &name = vector.name;
    CAPTURE(name);
    const Tokenizer tokenizer = load_tokenizer(shared_data("tokenizers/" + vocabulary));
    for (const Json& json : all.at(name).as_array()) {
      const std::string& text = json.at("input").as_string();
      CAPTURE(text);
      const Ids ids = ids_of(json.at("encoded").at("input_ids"));
      CHECK(tokenizer.encode(text) == ids);
      // The vectors have clean_up_tokenization_spaces, which transformers 5 no longer applies; BERT
      // and T5 do not keep the spaces that it moves.
      const bool keeps_spaces = !name.ends_with("uncased") && name != "t5-base";
      const bool cleaned = text.find(" !!") != std::string::npos;
      if (!keeps_spaces && (cleaned || text.find('\'') != std::string::npos)) continue;
      const std::string decoded = cleaned ? text : json.at("decoded_without_special").as_string();
      CHECK(tokenizer.decode(ids) == decoded);
      CHECK(streamed(tokenizer, ids, true) == decoded);
    }
  }
}

TEST_CASE("swift-transformers' long texts give the same ids") {
  const Vector vectors[] = {{"gguf-vocab/ggml-vocab-gpt-2.gguf", "gpt2_encoded_tokens"},
                            {"gguf-vocab/ggml-vocab-llama-spm.gguf", "llama_encoded"},
                            {"llama3_1/tokenizer.json", "llama_3.2_encoded"},
                            {"bert/bert-vocab.txt", "bert_uncased_encoded"},
                            {"t5-small/tokenizer.json", "t5_base_encoded"}};
  for (const Vector& vector : vectors) {
    const std::string &vocabulary = vector.vocabulary, &name = vector.name;
    CAPTURE(name);
    const bool is_bert = name.starts_with("bert");
    const auto path =
        shared_data((is_bert ? "tokenizers/bert/" : "tokenizers/vectors/") + name + ".json");
    if (path.empty()) {
      skipped("swift-transformers' text " + name);
      continue;
    }
    const Json json = Json::parse(read_text(path));
    const Tokenizer tokenizer = load_tokenizer(shared_data("tokenizers/" + vocabulary));
    const std::string& text = json.at("text").as_string();
    const Ids ids = ids_of(json.at("token_ids"));
    CHECK(tokenizer.encode(text) == ids);
  }
}

TEST_CASE("SQuAD's questions give BERT's words, tokens and ids") {
  const auto folder = shared_data("tokenizers/bert");
  if (folder.empty()) return skipped("BERT's vectors");
  const Tokenizer tokenizer = load_tokenizer(folder / "bert-vocab.txt");
  const Json questions = Json::parse(read_text(folder / "question_tokens.json"));
  const Json expected = Json::parse(read_text(folder / "tokenized_questions.json"));
  REQUIRE(questions.size() == expected.size());
  REQUIRE(questions.size() == 10570);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Json& question = questions.as_array()[i];
    const std::string& text = question.at("original").as_string();
    CAPTURE(text);
    const Encoding encoding = tokenizer.encode_with_offsets(text, {false, false});
    CHECK(encoding.ids == ids_of(expected.as_array()[i]));
    CHECK(encoding.word_ids.back() + 1 == static_cast<std::int32_t>(question.at("basic").size()));
  }
}

TEST_CASE(
    "SmolLM2's vocabulary gives transformers' ids on the whole of WikiText-2's validation text") {
  const std::string model = real_model();
  const auto text_file = shared_data("text/wikitext2/wiki.valid.raw");
  if (text_file.empty()) return skipped("shared test data: text/wikitext2");
  if (model.empty()) return skipped("SmolLM2-135M-Instruct");
  const Json expected = Json::parse(read_text(golden("smollm2/expected.json"))).at("wikitext2");
  const std::string text = read_text(text_file);
  const Tokenizer tokenizer = load_tokenizer(model);
  const Ids ids = tokenizer.encode(text, {false, false});
  CHECK(static_cast<std::int64_t>(ids.size()) == expected.at("ids_in_file").as_integer());
  const Ids first = ids_of(expected.at("first_ids"));
  REQUIRE(ids.size() > first.size());
  CHECK(std::equal(first.begin(), first.end(), ids.begin()));
  CHECK(tokenizer.decode(ids) == text);
}
