// Unicode's forms against Unicode's own test, and the tables against properties that are known by
// definition.
#include <algorithm>
#include <sstream>

#include "base/unicode.h"
#include "base/unicode_text.h"
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

// Form number i of the file: C, D, KC, KD.
std::string form(int i, const std::string& text) {
  const NormalForm form{i % 2 == 0, i >= 2};
  return std::string(form.apply(AlignedText(text, 0, true)).text());
}

bool is_newer_than_9(const std::string& text) {
  const std::u32string characters = to_utf32(text);
  return std::any_of(characters.begin(), characters.end(),
                     [](char32_t c) { return unicode::age(c) > 9; });
}

}  // namespace

TEST_CASE("forms are those of Unicode's NormalizationTest.txt, up to Unicode 9.0") {
  std::istringstream lines(read_text(golden("../text/normal_form_cases.txt")));
  std::string before;
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    std::istringstream fields(line);
    std::vector<std::string> forms;
    for (std::string field; std::getline(fields, field, ';');) forms.push_back(parse(field));
    REQUIRE(forms.size() == 5);
    const std::string source = forms[0];
    if (is_newer_than_9(source)) continue;
    ++count;
    for (int i = 0; i < 4; ++i) {
      CAPTURE(i);
      const std::string& expected = forms[static_cast<std::size_t>(i) + 1];
      CHECK(form(i, source) == expected);
      CHECK(form(i, expected) == expected);
      CHECK(form(i, "abc " + source + " xyz") == "abc " + expected + " xyz");
      CHECK(form(i, before + " " + source) == form(i, before) + " " + expected);
    }
    before = source;
  }
  CHECK(count > 400);
}

TEST_CASE("what is newer than Unicode 9.0 keeps its place, as in Hugging Face tokenizers") {
  CHECK(form(2, "\u32FF") == "\u32FF");
  CHECK(form(3, "\uA7F2") == "\uA7F2");
  CHECK(form(1, "\U00011938") == "\U00011938");
  CHECK(form(0, "\U00011935\U00011930") == "\U00011935\U00011930");
  CHECK(form(1, "a\u07FD\u0334") == "a\u07FD\u0334");
  CHECK(form(1, "a\u0301\u0334") == "a\u0334\u0301");
}

TEST_CASE("a composed character stands for all the bytes it was made of") {
  const AlignedText composed =
      NormalForm{true, false}.apply(AlignedText("ae\u0301\u0323b", 10, true));
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
