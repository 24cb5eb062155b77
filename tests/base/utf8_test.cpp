#include "base/utf8.h"

#include <doctest/doctest.h>

#include "base/error.h"

using namespace loquor;

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

}  // namespace

TEST_CASE("every code point is encoded, checked and decoded; surrogates are not text") {
  for (char32_t code_point = 0; code_point <= 0x110000; ++code_point) {
    const bool scalar = (code_point < 0xd800 || code_point >= 0xe000) && code_point <= 0x10ffff;
    std::string encoded;
    append_utf8(encoded, code_point);
    std::size_t position = 0;
    const char32_t decoded = next_code_point(encoded, position);
    const bool right = is_utf8(encoded) && position == encoded.size() &&
                       decoded == (scalar ? code_point : kReplacementCharacter);
    if (!right) CHECK_MESSAGE(false, "code point ", static_cast<std::uint32_t>(code_point));
  }
}

TEST_CASE("of all pairs of bytes exactly the well-formed ones are valid") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string pair{static_cast<char>(first), static_cast<char>(second)};
      const bool both_ascii = first < 0x80 && second < 0x80;
      const bool two_bytes = first >= 0xc2 && first < 0xe0 && second >= 0x80 && second < 0xc0;
      if (is_utf8(pair) != (both_ascii || two_bytes)) CHECK_MESSAGE(false, first, " ", second);
    }
  }
}

TEST_CASE("the second byte of three and four is held to table 3-7") {
  for (int lead = 0xe0; lead < 0x100; ++lead) {
    for (int second = 0; second < 256; ++second) {
      const std::string start{static_cast<char>(lead), static_cast<char>(second)};
      const std::string bytes = start + (lead < 0xf0 ? "\x80" : "\x80\x80");
      const int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
      const int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
      const bool expected = lead <= 0xf4 && second >= low && second <= high;
      if (is_utf8(bytes) != expected) CHECK_MESSAGE(false, lead, " ", second);
    }
  }
}

TEST_CASE("the valid prefix ends before the first byte that is wrong") {
  CHECK(valid_utf8_prefix("") == 0);
  CHECK(valid_utf8_prefix("0123456789abcdef") == 16);
  CHECK(valid_utf8_prefix("0123456789\xff") == 10);
  CHECK(valid_utf8_prefix("0123456\xc3\xa4 and more \xc3") == 19);
  CHECK(valid_utf8_prefix(std::string_view("a\0b", 3)) == 3);
}

TEST_CASE("require_utf8 names the text and the byte") {
  CHECK_NOTHROW(require_utf8("prompt \u00e4", "the prompt"));
  try {
    require_utf8("ab\xff", "the prompt");
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    CHECK(std::string_view(error.what()) == "the prompt is not valid UTF-8 at byte 2");
  }
}

// Expected values from Python: bytes.decode("utf-8", errors="replace").
TEST_CASE("invalid sequences are replaced as Python replaces them") {
  struct Case {
    std::string_view bytes;
    std::string_view expected;  // with ? for U+FFFD
  };
  const Case cases[] = {
      {"\160\154\141\151\156", "\160\154\141\151\156"},
      {"\377", "?"},
      {"\141\200\142", "\141?\142"},
      {"\303", "?"},
      {"\303\050", "?\050"},
      {"\344\270", "?"},
      {"\344\270\172", "?\172"},
      {"\344\172", "?\172"},
      {"\360\237\231", "?"},
      {"\360\237\231\172", "?\172"},
      {"\360\237\377\172", "??\172"},
      {"\360\217\231\202", "????"},
      {"\355\240\200", "???"},
      {"\340\200\200", "???"},
      {"\300\257", "??"},
      {"\364\220\200\200", "????"},
      {"\365\200\200\200", "????"},
      {"\370\210\200\200\200", "?????"},
      {"\303\303\244", "?\303\244"},
      {"\344\270\344\270\226", "?\344\270\226"},
      {"\360\237\360\237\231\202\041", "?\360\237\231\202\041"},
      {"\357\277", "?"},
      {"\303\244\377\303\244", "\303\244?\303\244"},
      {"\337\355\365\101\361\302\200\277", "???\101?\302\200?"},
      {"\220\355\364\302\357\377\220\302", "????????"},
      {"\101\301\360\337\277\357\277\217", "\101??\337\277\357\277\217"},
      {"\240\361\240\240\101\101\301\301", "??\101\101??"},
      {"\277\277\340\341\301\377\301\277", "????????"},
      {"\301\357\340\101\355\360\277\240", "???\101??"},
      {"\337\217\341\340\101\341\217\340", "\337\217??\101??"},
      {"\355\340\364\341\277\364\364\277", "???????"},
      {"\200\337\101\355\357\101\377\360", "??\101??\101??"},
      {"\355\357\101\361\200\277\301\220", "??\101???"},
      {"\302\361\355\365\355\365\337\361", "????????"},
      {"\220\355\340\200\360\217\301\341", "????????"},
      {"\365\355\240\341\337\377\217\340", "????????"},
      {"\341\340\277\217\240\340\364\277", "?\340\277\217????"},
      {"\200\217\377\357\200\302\355\337", "???????"},
      {"\361\360\240\200\200\364\341\301", "?\360\240\200\200???"},
      {"\240\240\360\220\277\360\355\240", "??????"},
      {"\200\360\340\240\361\277\365\361", "??????"},
      {"\364\341\364\337\340\364\357\240", "???????"},
      {"\220\357\377\277\364\341\277\217", "?????\341\277\217"},
      {"\364\337\365\377\365\355\217\355", "???????"},
      {"\200\340\355\377\337\364\337\340", "????????"},
      {"\341\277\101\364\377\337\341\337", "?\101?????"},
      {"\361\340\365\355\355\337\355\360", "????????"},
      {"\355\277\361\355\341\365\240\365", "????????"},
      {"\277\301\355\364\340\217\360\277", "???????"},
      {"\365\360\340\377\337\101\301\277", "?????\101??"},
      {"\361\277\302\277\200\364\302\277", "?\302\277??\302\277"},
      {"\200\240\220\341\277\364\301\377", "???????"},
      {"\200\360\361\355\357\217\301\302", "???????"},
      {"\355\101\355\357\337\360\220\377", "?\101?????"},
      {"\355\200\377\340\220\340\377\365", "???????"},
      {"\341\340\355\240\360\360\377\355", "????????"},
      {"\361\240\277\357\364\301\240\217", "??????"},
      {"\355\101\357\220\341\377\240\341", "?\101?????"},
      {"\357\360\360\302\364\340\364\357", "????????"},
      {"\357\277\337\340\364\337\360\101", "??????\101"},
      {"\341\340\364\340\240\364\101\220", "?????\101?"},
      {"\361\302\340\200\240\357\101\364", "??????\101?"},
      {"\377\377\337\302\364\200\302\364", "???????"},
  };
  for (const Case& one : cases) {
    std::string expected;
    for (const char character : one.expected) {
      if (character == '?') {
        expected += kReplacement;
      } else {
        expected += character;
      }
    }
    CHECK(replace_invalid_utf8(one.bytes) == expected);
  }
  CHECK(replace_invalid_utf8("") == "");
}

TEST_CASE("an invalid byte counts alone when code points are read one by one") {
  CHECK(to_utf32("a\xe4\xb8\x96") == U"a世");
  CHECK(to_utf32("\xe4\xb8z\xff") == U"\xfffd\xfffdz\xfffd");
  CHECK(to_utf8(U"a世🙂") == "a世🙂");
}

TEST_CASE("a stream holds back only what may still become a character") {
  CHECK(complete_utf8_prefix("") == 0);
  CHECK(complete_utf8_prefix("abc") == 3);
  CHECK(complete_utf8_prefix("ab\xc3") == 2);
  CHECK(complete_utf8_prefix("ab\xc3\xa4") == 4);
  CHECK(complete_utf8_prefix("\xe4\xb8") == 0);
  CHECK(complete_utf8_prefix("x\xf0\x9f\x99") == 1);
  CHECK(complete_utf8_prefix("x\xf0\x9f\x99\x82") == 5);
  // These never become valid, so there is nothing to wait for.
  CHECK(complete_utf8_prefix("\xe0\x80") == 2);
  CHECK(complete_utf8_prefix("\xed\xa0") == 2);
  CHECK(complete_utf8_prefix("\x80\x80\x80\x80") == 4);
  CHECK(complete_utf8_prefix("a\xff") == 2);
}
