// Our reader of .model files and our encoder against SentencePiece:
// tests/text/sentencepiece_oracle.cpp.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/random.h"
#include "base/utf8.h"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

#ifdef LOQUOR_SENTENCEPIECE_ORACLE
namespace {

struct Answer {
  Ids ids;
  std::string decoded;
};

std::string to_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : text) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

std::string from_hex(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    text += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return text;
}

std::vector<Answer> ask_sentencepiece(const std::filesystem::path& model,
                                      const std::vector<std::string>& texts) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("loquor_sentencepiece_" + std::to_string(entropy_seed()));
  std::filesystem::create_directory(folder);
  {
    std::ofstream lines(folder / "in");
    for (const std::string& text : texts) lines << to_hex(text) << '\n';
  }
  const std::string command = std::string("'") + LOQUOR_SENTENCEPIECE_ORACLE + "' '" +
                              model.string() + "' < '" + (folder / "in").string() + "' > '" +
                              (folder / "out").string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  std::vector<Answer> answers;
  std::ifstream out(folder / "out");
  for (std::string line; std::getline(out, line);) {
    const std::size_t dash = line.find('-');
    Answer answer;
    std::istringstream ids(line.substr(0, dash));
    for (std::int32_t id; ids >> id;) answer.ids.push_back(id);
    answer.decoded = from_hex(std::string_view(line).substr(dash + 1));
    answers.push_back(std::move(answer));
  }
  std::filesystem::remove_all(folder);
  REQUIRE(answers.size() == texts.size());
  return answers;
}

// Strings of characters from many corners of Unicode, the same at each run.
std::vector<std::string> random_texts(std::size_t count) {
  static constexpr std::u32string_view kPools[] = {U"abcdefghij STUV",
                                                   U"the and of to in ",
                                                   U"0123456789.,",
                                                   U" \t\n\r\u00A0\u2003\u3000",
                                                   U"\u2581 ",
                                                   U"<>[]{}|/\\!?",
                                                   U"\u00E9\u00DF\u0130",
                                                   U"e\u0301\u0302\u0316",
                                                   U"你好。、世界",
                                                   U"\U0001F600\U0001F468\u200D\uFE0F\U0001F3FD",
                                                   U"\uAC00\u1100\u1161\u11A8",
                                                   U"ａｂｃＡＢ１２ﬁﬂ①②㍿"};
  std::uint64_t step = 0;
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(uniform(7, 0, step++) * static_cast<double>(n));
  };
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    for (std::size_t parts = below(12); parts > 0; --parts) {
      if (below(8) == 0) {
        const auto c = static_cast<char32_t>(1 + below(0x10FFFE));
        append_utf8(text, c >= 0xD800 && c < 0xE000 ? U'x' : c);
        continue;
      }
      const std::u32string_view pool = kPools[below(std::size(kPools))];
      for (std::size_t size = 1 + below(6); size > 0; --size)
        append_utf8(text, pool[below(pool.size())]);
    }
  }
  return texts;
}

}  // namespace
#endif

TEST_CASE(
    "SentencePiece BPE models give SentencePiece's ids and text on books and on random strings") {
#ifndef LOQUOR_SENTENCEPIECE_ORACLE
  skipped("comparison with SentencePiece: libsentencepiece-dev is not installed");
#else
  std::vector<std::filesystem::path> models = {golden("tokenizer_spm/tokenizer.model"),
                                               golden("tokenizer_spm_plain/tokenizer.model"),
                                               golden("../text/mapped.model")};
  for (const char* name : {"tokenizers/mistral/tokenizer.model.v1",
                           "tokenizers/mistral/mistral_instruct_tokenizer_240323.model.v3"}) {
    const auto path = shared_data(name);
    if (path.empty())
      skipped(name);
    else
      models.push_back(path);
  }
  std::vector<std::string> texts = random_texts(2000);
  if (const auto book = shared_data("tokenizers/sentencepiece/botchan.txt"); !book.empty()) {
    std::istringstream lines(read_text(book));
    for (std::string line; std::getline(lines, line);) texts.push_back(line);
  }
  for (const auto& path : models) {
    CAPTURE(path.string());
    const Tokenizer tokenizer = load_tokenizer(path);
    const std::vector<Answer> answers = ask_sentencepiece(path, texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      CAPTURE(texts[i]);
      const Ids ids = tokenizer.encode(texts[i], {false, false});
      CHECK(ids == answers[i].ids);
      // An unknown token has no text here; SentencePiece writes U+2047.
      const bool has_unknown =
          std::find(ids.begin(), ids.end(), tokenizer.unk_token_id()) != ids.end();
      if (!has_unknown) CHECK(tokenizer.decode(ids) == answers[i].decoded);
    }
  }
#endif
}
