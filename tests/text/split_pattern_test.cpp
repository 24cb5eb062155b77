// The scanners against what their regular expressions mean, worked out by hand and by Hugging Face
// tokenizers.
#include "text/split_pattern.h"

#include <chrono>

#include "loquor/error.hpp"
#include "text/pre_tokenizer.h"
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

std::vector<std::string> words_of(const SplitByPattern& step, std::string_view text) {
  Words words(AlignedText(text, 0, false));
  step.apply(words);
  std::vector<std::string> result;
  for (const auto& word : words.words) result.emplace_back(words.word(word));
  return result;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("GPT-2's words take one space along and leave the last of many to the next word") {
  CHECK(split(scan_gpt2, "Hello  world, 12 x!") ==
        Strings{"Hello", " ", " world", ",", " 12", " x", "!"});
  CHECK(split(scan_gpt2, "a\n\n b") == Strings{"a", "\n\n", " b"});
  CHECK(split(scan_gpt2, "a\nb") == Strings{"a", "\n", "b"});
  CHECK(split(scan_gpt2, "a   ") == Strings{"a", "   "});
  CHECK(split(scan_gpt2, "I'm we'LL '\u017F") ==
        Strings{"I", "'m", " we", "'", "LL", " '", "\u017F"});
  CHECK(split(scan_gpt2, "\u00A0x") == Strings{"\u00A0", "x"});
  CHECK(split(scan_gpt2, "e\u0301\u0663\u00BD") == Strings{"e", "\u0301", "\u0663\u00BD"});
}

TEST_CASE(
    "Llama 3's words hold up to three digits, one sign before letters, and newlines behind signs") {
  CHECK(split(scan_llama3, "x12345 6") == Strings{"x", "123", "45", " ", "6"});
  CHECK(split(scan_llama3, "(hi)\n\n there") == Strings{"(hi", ")\n\n", " there"});
  CHECK(split(scan_llama3, " \n \n  x") == Strings{" \n \n", " ", " x"});
  CHECK(split(scan_llama3, "I'M we'lL '\u017Fo") ==
        Strings{"I", "'M", " we", "'lL", " '", "\u017Fo"});
  CHECK(split(scan_llama3, "it'\u017Fo") == Strings{"it", "'\u017F", "o"});
  CHECK(split(scan_llama3, "\t\tx") == Strings{"\t", "\tx"});
  CHECK(split(scan_llama3, "\r\nx") == Strings{"\r\n", "x"});
  CHECK(split(scan_llama3, "a  ") == Strings{"a", "  "});
}

TEST_CASE("Qwen2's words hold one digit") {
  CHECK(split(scan_qwen2, "x123 4") == Strings{"x", "1", "2", "3", " ", "4"});
}

TEST_CASE("what DeepSeek-V3's first two expressions do not match stays whole") {
  CHECK(words_of({scan_numbers}, "ab1234 5c\u0661\u00BD") ==
        Strings{"ab", "123", "4", " ", "5", "c", "\u0661\u00BD"});
  CHECK(words_of({scan_numbers}, "no") == Strings{"no"});
  CHECK(words_of({scan_han_kana}, "a\u4DFF\u4E00\u9FA5\u9FA6\u303F\u3040\u30FF\u3100") ==
        Strings{"a\u4DFF", "\u4E00\u9FA5", "\u9FA6\u303F", "\u3040\u30FF", "\u3100"});
}

TEST_CASE("DeepSeek-V3's words hold marks, ASCII letters behind a sign, newlines behind signs") {
  const SplitByPattern split{scan_deepseek_v3};
  CHECK(words_of(split, "(hi)\n\n there") == Strings{"(hi", ")\n\n", " there"});
  CHECK(words_of(split, "!caf\u00E9 !!x") == Strings{"!caf", "\u00E9", " !!", "x"});
  CHECK(words_of(split, "e\u0301x \u0301y\u00A0z") == Strings{"e\u0301x", " \u0301y", "\u00A0z"});
  CHECK(words_of(split, "\u20AC5 \u20ACa =b") == Strings{"\u20AC", "5", " \u20AC", "a", " =", "b"});
  CHECK(words_of(split, "1a 1 23") == Strings{"1a", " ", "1", " ", "23"});
  CHECK(words_of(split, "\x7F\x7F!\x7F") == Strings{"\x7F\x7F", "!", "\x7F"});
  CHECK(words_of(split, "\x7F\x7Fz") == Strings{"\x7F", "\x7Fz"});
  CHECK(words_of(split, "a \n b  c  ") == Strings{"a", " \n", " b", " ", " c", "  "});
  CHECK(words_of(split, "  !?\r\nx") == Strings{" ", " !?\r\n", "x"});
}

TEST_CASE("an inverted Split that removes drops what lies between matches") {
  const auto parse = [](const char* rest) {
    const std::string json = R"({"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}"}, )";
    return std::get<SplitByPattern>(parse_pre_tokenizer(Json::parse(json + rest + "}")).at(0));
  };
  const std::string_view text = "ab1234 5c";
  CHECK(words_of(parse(R"("behavior": "Isolated")"), text) ==
        Strings{"ab", "123", "4", " ", "5", "c"});
  CHECK(words_of(parse(R"("behavior": "Removed", "invert": true)"), text) ==
        Strings{"123", "4", "5"});
  CHECK_THROWS_WITH_AS(
      parse(R"("behavior": "Isolated", "invert": true)"),
      "pre_tokenizer: a Regex pattern needs behavior Isolated, or Removed with invert", Error);
}

TEST_CASE("patterns are known letter by letter") {
  CHECK(find_scanner(
            R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)") ==
        scan_gpt2);
  const std::string deepseek =
      R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
      R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  CHECK(find_scanner(deepseek) == scan_deepseek_v3);
  CHECK(find_scanner(R"(\p{N}{1,3})") == scan_numbers);
  CHECK(find_scanner("[一-龥\u3040-ゟ゠-ヿ]+") == scan_han_kana);
  CHECK(!find_scanner(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+)"));
}

TEST_CASE("a megabyte of one class takes time in proportion") {
  const Tokenizer tokenizers[] = {load_tokenizer(golden("tokenizer_gpt2/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_llama3/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_qwen2/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_deepseek/tokenizer.json")),
                                  load_tokenizer(golden("tokenizer_spm/tokenizer.model"))};
  for (const Tokenizer& tokenizer : tokenizers) {
    for (const char* unit :
         {"a", " ", "\n", "7", "!", "e\u0301", "<", "\u2581", "ab", "'", "\x7F", "\u6F22"}) {
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
