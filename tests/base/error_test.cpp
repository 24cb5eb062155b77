#include "base/error.h"

#include <doctest/doctest.h>

#include <iomanip>  // std::quoted, which must not be picked for strings
#include <limits>

#include "base/caught.h"
#include "base/checked.h"

using namespace loquor;
using loquor::tests::caught;

TEST_CASE("text joins strings, characters, booleans and numbers") {
  const std::string string = "string";
  const char* pointer = "pointer";
  CHECK(text("literal", ' ', string, ' ', pointer, ' ', std::string_view("view")) ==
        "literal string pointer view");
  CHECK(text(true, ' ', false, ' ', 0.1, ' ', 1e100, ' ', 2.5f) == "true false 0.1 1e+100 2.5");
  CHECK(text(std::numeric_limits<std::int64_t>::min(), ' ',
             std::numeric_limits<std::uint64_t>::max(), ' ',
             std::uint8_t{7}) == "-9223372036854775808 18446744073709551615 7");
}

TEST_CASE("fail throws one line with its code") {
  const Error error = caught([] { fail(Code::not_found, "no ", 3, " files"); });
  CHECK(error.code() == Code::not_found);
  CHECK(std::string_view(error.what()) == "no 3 files");
}

TEST_CASE("within puts where it happened before the message and keeps the code") {
  const auto inner = [] { return within("tensor 'b'", []() -> int { fail(Code::io, "broken"); }); };
  const Error error = caught([&] { within("file 'a'", inner); });
  CHECK(error.code() == Code::io);
  CHECK(std::string_view(error.what()) == "file 'a': tensor 'b': broken");
  CHECK(within("nothing", [] { return 5; }) == 5);
}

TEST_CASE("quoted keeps text and makes everything else visible on one line") {
  std::string name = "plain";
  CHECK(quoted(name) == "'plain'");
  CHECK(quoted(std::string("Grüße 世界 🙂")) == "'Grüße 世界 🙂'");
  CHECK(quoted("a\nb\t\x7f") == "'a\\x0ab\\x09\\x7f'");
  CHECK(quoted(std::string_view("\0", 1)) == "'\\x00'");
  CHECK(quoted("\xff\xc3(") == "'\\xff\\xc3('");
  CHECK(quoted("\u0085 \u2028") == "'\\xc2\\x85 \\xe2\\x80\\xa8'");
  CHECK(quoted("\uFFFD") == "'\uFFFD'");
}

TEST_CASE("quoted cuts between characters") {
  CHECK(quoted(std::string(80, 'x')) == "'" + std::string(80, 'x') + "'");
  CHECK(quoted(std::string(81, 'x')) == "'" + std::string(80, 'x') + "...'");
  CHECK(quoted(std::string(79, 'x') + "世") == "'" + std::string(79, 'x') + "...'");
  CHECK(quoted("abcdef", 3) == "'abc...'");
}

TEST_CASE("checked arithmetic gives the result or names what overflows") {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  CHECK(checked_add<std::uint64_t>(kMost - 1, 1, "sum") == kMost);
  CHECK(checked_mul<std::int64_t>(-(std::int64_t{1} << 32), std::int64_t{1} << 31, "size") ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(checked_cast<std::uint8_t>(255, "byte") == 255);
  const Error sum = caught([] { checked_add<std::uint64_t>(kMost, 1, "the offset of 'w'"); });
  CHECK(sum.code() == Code::invalid_file);
  CHECK(std::string_view(sum.what()) == "the offset of 'w' overflows: 18446744073709551615 + 1");
  CHECK(caught([] {
          checked_mul<std::int64_t>(std::int64_t{1} << 32, std::int64_t{1} << 31, "x");
        }).code() == Code::invalid_file);
  CHECK(std::string_view(caught([] { checked_cast<std::uint8_t>(-1, "count"); }).what()) ==
        "count is out of range: -1");
}
