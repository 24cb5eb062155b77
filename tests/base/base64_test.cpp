#include "base/base64.h"

#include <doctest/doctest.h>

#include "loquor/error.hpp"

using namespace loquor;

TEST_CASE("base64 is that of RFC 4648") {
  CHECK(from_base64("") == "");
  CHECK(from_base64("Zg==") == "f");
  CHECK(from_base64("Zm8=") == "fo");
  CHECK(from_base64("Zm9v") == "foo");
  CHECK(from_base64("Zm9vYmFy") == "foobar");
  CHECK(from_base64("AP/+") == std::string("\0\xFF\xFE", 3));
}

TEST_CASE("what is not base64 is refused") {
  for (const char* text : {"Zg=", "Zg", "Zm9 ", "Z===", "=Zg=", "Zm-v", "====", "Zg==Zg=="})
    CHECK_THROWS_AS(from_base64(text), Error);
}
