// Unicode form C against Unicode's own test, and the tables against properties that are known by
// definition.
#include <sstream>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/normalizer.h"
#include "tokenizers.h"

using namespace loquor;
using namespace loquor::tests;

namespace {

std::string parse(const std::string& code_points) {
  std::string text;
  std::istringstream numbers(code_points);
  for (std::uint32_t c; numbers >> std::hex >> c;) append_utf8(text, c);
  return text;
}

std::string nfc(const std::string& text) {
  return std::string(Nfc().apply(AlignedText(text, 0, true)).text());
}

}  // namespace

TEST_CASE("form C is that of Unicode's NormalizationTest.txt") {
  std::istringstream lines(read_text(golden("../text/nfc_cases.txt")));
  std::string before, before_composed;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CAPTURE(line);
    const std::size_t semicolon = line.find(';');
    const std::string source = parse(line.substr(0, semicolon)),
                      composed = parse(line.substr(semicolon + 1));
    CHECK(nfc(source) == composed);
    CHECK(nfc(composed) == composed);
    CHECK(nfc("abc " + source + " xyz") == "abc " + composed + " xyz");
    CHECK(nfc(before + " " + source) == before_composed + " " + composed);
    before = source;
    before_composed = composed;
  }
  CHECK(count > 400);
}

TEST_CASE("a composed character stands for all the bytes it was made of") {
  const AlignedText composed = Nfc().apply(AlignedText("ae\u0301\u0323b", 10, true));
  CHECK(composed.text() == "a\u1EB9\u0301b");  // the dot below goes first
  const Source letter = composed.source(1, 4), accent = composed.source(4, 6),
               after = composed.source(6, 7);
  CHECK(letter.begin == 11);
  CHECK(letter.end == 16);
  CHECK(accent.begin == 12);
  CHECK(accent.end == 14);
  CHECK(after.begin == 16);
}

TEST_CASE("every code point that form C leaves alone decomposes and composes back to itself") {
  int composites = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    const auto pair = unicode::decompose(c);
    if (!pair || unicode::is_active_in_nfc(c)) continue;
    CHECK(unicode::compose(pair->first, pair->second) == c);
    ++composites;
  }
  CHECK(composites == 11172 + 941);  // syllables, and the other primary composites of Unicode 15.0
}

TEST_CASE("categories have as many code points as Unicode 15.0 says") {
  int letters = 0, numbers = 0, spaces = 0, marks = 0, punctuation = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    letters += unicode::is_letter(c);
    numbers += unicode::is_number(c);
    spaces += unicode::is_white_space(c);
    marks += unicode::is_mark(c);
    punctuation += unicode::is_punctuation(c);
  }
  CHECK(spaces == 25);
  CHECK(letters == 136104);
  CHECK(numbers == 1831);
  CHECK(marks == 2450);
  CHECK(punctuation == 842);
  CHECK(unicode::is_word(U'_'));
  CHECK(unicode::is_word(0x200D));
  CHECK(!unicode::is_word(U'-'));
  CHECK(unicode::category(0x110000) == unicode::Category::Cn);
}
