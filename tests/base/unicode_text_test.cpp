// Clusters against Unicode's own test; ages and compatibility decompositions against the standard.
#include "base/unicode_text.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "base/utf8.h"

using namespace loquor;

namespace {

std::vector<std::string> clusters(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
    end = unicode::grapheme_end(text, begin);
    found.push_back(text.substr(begin, end - begin));
  }
  return found;
}

}  // namespace

TEST_CASE("grapheme clusters end as in Unicode's GraphemeBreakTest.txt") {
  std::ifstream lines(LOQUOR_SOURCE_DIR "/tests/base/grapheme_cases.txt");
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CAPTURE(line);
    std::vector<std::string> expected{""};
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      if (word == "/") {
        expected.emplace_back();
      } else {
        append_utf8(expected.back(), static_cast<char32_t>(std::stoul(word, nullptr, 16)));
      }
    }
    std::string text;
    for (const std::string& cluster : expected) text += cluster;
    CHECK(clusters(text) == expected);
  }
  CHECK(count > 200);
}

TEST_CASE("compatibility decompositions are full ones") {
  using namespace std::literals;
  CHECK(unicode::compatibility(U'\uFB01') == U"fi"sv);
  CHECK(unicode::compatibility(U'\u1E9B') == U"s\u0307"sv);  // by way of the long s
  CHECK(unicode::compatibility(U'\uFDFA').size() == 18);     // the longest
  CHECK(unicode::compatibility(U'\u00E9').empty());          // canonical
  CHECK(unicode::compatibility(U'a').empty());
  int count = 0;
  for (char32_t c = 0; c < 0x110000; ++c) count += !unicode::compatibility(c).empty();
  CHECK(count == 3812);
}

TEST_CASE("a code point's age is the version that brought it, rounded up") {
  CHECK(unicode::age(U'a') == 8);
  CHECK(unicode::age(0x1F9C0) == 8);   // cheese, 8.0
  CHECK(unicode::age(0x1F920) == 9);   // face with cowboy hat, 9.0
  CHECK(unicode::age(0x32FF) == 13);   // square era name reiwa, 12.1
  CHECK(unicode::age(0x1FAE8) == 15);  // shaking face, 15.0
  CHECK(unicode::age(0x10FFFF) == 8);  // never one
}
