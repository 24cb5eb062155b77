// Which tokenizer a folder's files make, where there is no tokenizer.json.
#include <doctest/doctest.h>

#include "golden_copy.h"
#include "io/failure.h"
#include "nn/loader.h"

namespace loquor {
namespace {

using tests::check_failure;
using tests::failure_of;
using tests::golden;

// A golden model with files of tests/golden/tokenizer_classes beside it.
class Folder {
 public:
  explicit Folder(const char* model) : copy_(model) {}
  Folder& with(const char* file, const char* as) {
    copy_.write(as, read_text(golden("tokenizer_classes") / file));
    return *this;
  }
  Folder& with_text(const char* as, std::string_view content) {
    copy_.write(as, content);
    return *this;
  }
  const tests::Copy& copy() const { return copy_; }
  Tokenizer tokenizer() const { return load_model(copy_.path(), {}).tokenizer.value(); }

 private:
  tests::Copy copy_;
};

TEST_CASE("where no file names a tokenizer class, config.json's model_type does") {
  CHECK(Folder("t5").with("google.model", "spiece.model").tokenizer().id("<extra_id_0>") == 399);
  CHECK(Folder("pegasus").with("google.model", "spiece.model").tokenizer().id("<mask_1>") == 2);
  CHECK(Folder("albert").with("albert.model", "spiece.model").tokenizer().cls_token_id() == 2);
  CHECK(Folder("xlnet").with("xlnet.model", "spiece.model").tokenizer().cls_token_id() == 3);
  CHECK(Folder("mbart").with("fairseq.model", "sentencepiece.bpe.model").tokenizer().id("en_XX") ==
        304);
  CHECK(Folder("llama").with("llama.model", "tokenizer.model").tokenizer().encode("a").front() ==
        1);
  CHECK(Folder("gpt2")
            .with("gpt2.vocab.json", "vocab.json")
            .with("gpt2.merges.txt", "merges.txt")
            .tokenizer()
            .eos_token_id() == 405);
  CHECK(Folder("m2m_100")
            .with("m2m_100.vocab.json", "vocab.json")
            .with("fairseq.model", "sentencepiece.bpe.model")
            .tokenizer()
            .encode("")
            .size() == 2);
}

TEST_CASE("a tokenizer_class in config.json goes before its model_type") {
  Folder folder("roberta");
  folder.with("fairseq.model", "sentencepiece.bpe.model");
  check_failure(failure_of([&] { folder.tokenizer(); }), Code::unsupported,
                "'RobertaTokenizer' with a SentencePiece model");
  folder.copy().config([](Json& config) { config["tokenizer_class"] = "XLMRobertaTokenizer"; });
  CHECK(folder.tokenizer().id("<mask>") == 301);
  folder.with_text("tokenizer_config.json", R"({"tokenizer_class": "CamembertTokenizerFast"})");
  CHECK(folder.tokenizer().id("<mask>") == 304);
}

TEST_CASE("special_tokens_map.json and added_tokens.json count where added_tokens_decoder is not") {
  Folder folder("gpt2");
  folder.with("gpt2.vocab.json", "vocab.json").with("gpt2.merges.txt", "merges.txt");
  folder.with_text("special_tokens_map.json",
                   R"({"pad_token": "<pad>", "additional_special_tokens": ["<tool>"]})");
  folder.with_text("added_tokens.json", R"({"<word>": 407, "<tool>": 406})");
  const Tokenizer tokenizer = folder.tokenizer();
  CHECK(tokenizer.pad_token_id() == 401);
  CHECK(tokenizer.is_special(406));
  CHECK(!tokenizer.is_special(407));
  CHECK(tokenizer.encode("<word>") == std::vector<std::int32_t>{407});
  folder.with_text("added_tokens.json", R"({"<tool>": 7})");
  check_failure(failure_of([&] { folder.tokenizer(); }), Code::invalid_file, "merges.txt",
                "'<tool>' has id 7, and the vocabulary goes on at 406");
}

TEST_CASE("files that do not belong together are refused") {
  Folder two("llama");
  two.with("llama.model", "tokenizer.model").with("google.model", "spiece.model");
  check_failure(failure_of([&] { two.tokenizer(); }), Code::invalid_file,
                "there are tokenizer.model and spiece.model, and no tokenizer.json");
  Folder lone("gpt2");
  lone.with("gpt2.vocab.json", "vocab.json");
  check_failure(failure_of([&] { lone.tokenizer(); }), Code::invalid_file,
                "there is a vocab.json, and no merges.txt");
}

}  // namespace
}  // namespace loquor
