// The scanners against what their regular expressions mean, worked out by hand and by Hugging Face
// tokenizers.
#include "text/split_pattern.h"

#include <chrono>

#include "loquor/error.hpp"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

std::vector<std::string> split(Scanner scanner, std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = scanner(text, begin);
    REQUIRE(end > begin);
    REQUIRE(end <= text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("GPT-2's words take one space along and leave the last of many to the next word") {
  CHECK(split(scan_gpt2, "Hello  world, 12 x!") ==
        Words{"Hello", " ", " world", ",", " 12", " x", "!"});
  CHECK(split(scan_gpt2, "a\n\n b") == Words{"a", "\n\n", " b"});
  CHECK(split(scan_gpt2, "a\nb") == Words{"a", "\n", "b"});
  CHECK(split(scan_gpt2, "a   ") == Words{"a", "   "});
  CHECK(split(scan_gpt2, "I'm we'LL '\u017F") ==
        Words{"I", "'m", " we", "'", "LL", " '", "\u017F"});
  CHECK(split(scan_gpt2, "\u00A0x") == Words{"\u00A0", "x"});
  CHECK(split(scan_gpt2, "e\u0301\u0663\u00BD") == Words{"e", "\u0301", "\u0663\u00BD"});
}

TEST_CASE(
    "Llama 3's words hold up to three digits, one sign before letters, and newlines behind signs") {
  CHECK(split(scan_llama3, "x12345 6") == Words{"x", "123", "45", " ", "6"});
  CHECK(split(scan_llama3, "(hi)\n\n there") == Words{"(hi", ")\n\n", " there"});
  CHECK(split(scan_llama3, " \n \n  x") == Words{" \n \n", " ", " x"});
  CHECK(split(scan_llama3, "I'M we'lL '\u017Fo") ==
        Words{"I", "'M", " we", "'lL", " '", "\u017Fo"});
  CHECK(split(scan_llama3, "it'\u017Fo") == Words{"it", "'\u017F", "o"});
  CHECK(split(scan_llama3, "\t\tx") == Words{"\t", "\tx"});
  CHECK(split(scan_llama3, "\r\nx") == Words{"\r\n", "x"});
  CHECK(split(scan_llama3, "a  ") == Words{"a", "  "});
}

TEST_CASE("Qwen2's words hold one digit") {
  CHECK(split(scan_qwen2, "x123 4") == Words{"x", "1", "2", "3", " ", "4"});
}

TEST_CASE("patterns are known letter by letter") {
  CHECK(find_scanner(
            R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)") ==
        scan_gpt2);
  CHECK(!find_scanner(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+)"));
}

TEST_CASE("a megabyte of one class takes time in proportion") {
  const Tokenizer tokenizers[] = {load_tokenizer(golden("tokenizer_gpt2/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_llama3/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_qwen2/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_spm/tokenizer.model"))};
  for (const Tokenizer& tokenizer : tokenizers) {
    for (const char* unit : {"a", " ", "\n", "7", "!", "e\u0301", "<", "\u2581", "ab", "'"}) {
      CAPTURE(unit);
      const auto seconds = [&](std::size_t bytes) {
        std::string text;
        while (text.size() < bytes) text += unit;
        const std::clock_t begin = std::clock();
        CHECK(!tokenizer.encode(text, {false, false}).empty());
        return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      };
      // Quadratic work would take some 60 times as long for 8 times the text; the floor keeps clock
      // noise out.
      const double small = seconds(1 << 17);
      CHECK(seconds(1 << 20) < 30 * std::max(small, 0.02));
    }
  }
}
