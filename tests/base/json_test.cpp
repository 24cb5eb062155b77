#include "base/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

using namespace loquor;

namespace {

std::string error_of(std::string_view text) {
  try {
    Json::parse(text);
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_file);
    return error.what();
  }
  return "accepted";
}

// The same text through skip(), which must accept and reject as the document does.
bool skips(std::string_view text) {
  try {
    JsonReader reader(text);
    reader.skip();
    reader.end();
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

}  // namespace

TEST_CASE("JSON of RFC 8259 is accepted") {
  for (const std::string_view text : {"null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "1",
                                      "-1",
                                      "1.5",
                                      "1e5",
                                      "1E+5",
                                      "1e-5",
                                      "-1.25e-3",
                                      "0.0",
                                      "0e0",
                                      "\"\"",
                                      "\"a\"",
                                      "[]",
                                      "{}",
                                      "[[]]",
                                      "[{}]",
                                      "{\"\":0}",
                                      "{\"a\":{}}",
                                      " \t\r\n[ 1 , 2 ] \n",
                                      "{ \"a\" : 1 , \"b\" : [ ] }",
                                      "[1,[2,[3]]]",
                                      "\"\\u0041\"",
                                      "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                      "\"\\ud83d\\ude42\"",
                                      "\"\x7f\"",
                                      "\"\xc3\xa4\"",
                                      "\"\xf4\x8f\xbf\xbf\"",
                                      "\"\\u0000\"",
                                      "\"\\uD834\\uDd1e\"",
                                      "\"\xe2\x80\xa8\"",
                                      "123456789012345678901234567890",
                                      "[1.7976931348623157e308]",
                                      "5e-324",
                                      "{\"a\":1,\"A\":2}",
                                      "[null,true,\"x\",1.0]"}) {
    CAPTURE(text);
    CHECK(error_of(text) == "accepted");
    CHECK(skips(text));
  }
}

TEST_CASE("what RFC 8259 does not allow is refused") {
  for (const std::string_view text : {"",
                                      " ",
                                      "nul",
                                      "nulll",
                                      "True",
                                      "NaN",
                                      "Infinity",
                                      "-Infinity",
                                      "undefined",
                                      "'a'",
                                      "+1",
                                      "01",
                                      "-01",
                                      "-",
                                      "1.",
                                      ".5",
                                      "-.5",
                                      "1.e5",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "1_000",
                                      "1,",
                                      "1 2",
                                      "\"",
                                      "\"a",
                                      "\"\\\"",
                                      "\"\\",
                                      "\"\\a\"",
                                      "\"\\'\"",
                                      "\"\\x41\"",
                                      "\"\\u\"",
                                      "\"\\u12\"",
                                      "\"\\u123g\"",
                                      "\"\\u-123\"",
                                      "\"\\U0041\"",
                                      "\"a\nb\"",
                                      "\"\t\"",
                                      "\"\x01\"",
                                      "\"\x1f\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800a\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\\ud800\\ud800\"",
                                      "\"\\ud800\\n\"",
                                      "\"\xff\"",
                                      "\"\xc3\"",
                                      "\"\xc0\xaf\"",
                                      "\"\xed\xa0\x80\"",
                                      "\"\xf4\x90\x80\x80\"",
                                      "\"\xe4\xb8\"",
                                      "[",
                                      "]",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "[1,,2]",
                                      "[1 2]",
                                      "[1}",
                                      "[1]]",
                                      "[\"a\":1]",
                                      "{",
                                      "}",
                                      "{]",
                                      "{\"a\"",
                                      "{\"a\":",
                                      "{\"a\":1",
                                      "{\"a\":1,",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "{\"a\" 1}",
                                      "{\"a\",1}",
                                      "{a:1}",
                                      "{1:1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\"::1}",
                                      "{null:1}",
                                      "[1]x",
                                      "{}{}",
                                      "// no\n1",
                                      "/* no */ 1",
                                      "[1] // no",
                                      "\xef\xbb\xbf{}",
                                      "\xc2\xa0 1",
                                      "\v1",
                                      "\f1",
                                      "[\"a\", \xff]",
                                      "[1e999]",
                                      "{\"a\":1,\"a\":1}",
                                      "{\"a\":1,\"\\u0061\":2}",
                                      "[truefalse]",
                                      "[nul]",
                                      "tru"}) {
    CAPTURE(text);
    CHECK(error_of(text) != "accepted");
    if (text.find("\"a\":1,\"") == std::string_view::npos) CHECK_FALSE(skips(text));
  }
  CHECK_FALSE(skips(std::string_view("1\0", 2)));
  CHECK(error_of(std::string_view("\"\0\"", 3)) != "accepted");
}

TEST_CASE("errors say where and what") {
  CHECK(error_of("{\n  \"a\": tru\n}") == "line 2, column 8: expected true, found 't'");
  CHECK(error_of("[1,\n\n 2 3]") == "line 3, column 4: expected ',' or ']', found '3'");
  CHECK(error_of("{\"a\" 1}") == "line 1, column 6: expected ':', found '1'");
  CHECK(error_of("[") == "line 1, column 2: expected a value, found the end");
  CHECK(error_of("{\"key\": 1, \"key\": 2}") ==
        "line 1, column 21: the key 'key' stands twice in one object");
  CHECK(error_of("\"ab\xff\"") == "line 1, column 4: a string is not valid UTF-8");
  CHECK(error_of("[1] ö") == "line 1, column 5: expected the end, found 'ö'");
}

TEST_CASE("depth is limited to 200 for documents, for skipping and for writing") {
  CHECK(error_of(nested(200)) == "accepted");
  CHECK(skips(nested(200)));
  CHECK(error_of(nested(201)) == "line 1, column 201: nested deeper than 200");
  CHECK_FALSE(skips(nested(201)));
  CHECK_FALSE(skips(std::string(8'000'000, '[')));
  Json deep = Json::parse(nested(200));
  CHECK(deep.dump() == nested(200));
  Json deeper = Json::array();
  deeper.push_back(std::move(deep));
  CHECK_THROWS_AS(deeper.dump(), Error);
}

TEST_CASE("integers of 64 bits are exact, larger ones are numbers") {
  const Json least = Json::parse("-9223372036854775808");
  CHECK(least.kind() == Json::Kind::integer);
  CHECK(least.as_integer() == std::numeric_limits<std::int64_t>::min());
  CHECK(Json::parse("9223372036854775807").as_integer() ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(Json::parse("9007199254740993").dump() == "9007199254740993");
  const Json large = Json::parse("9223372036854775808");
  CHECK(large.kind() == Json::Kind::number);
  CHECK(large.as_number() == 0x1p63);
  CHECK_THROWS_AS(large.as_integer(), Error);
}

TEST_CASE("a number without a fraction serves as an integer") {
  CHECK(Json::parse("1e4").as_integer() == 10000);
  CHECK(Json::parse("-2.0").as_integer() == -2);
  CHECK_THROWS_AS(Json::parse("1.5").as_integer(), Error);
  CHECK(JsonReader("1e4").integer() == 10000);
  CHECK_THROWS_AS(JsonReader("1.5").integer(), Error);
  CHECK_THROWS_AS(JsonReader("1e300").integer(), Error);
  CHECK(Json::parse("7").as_number() == 7.0);
}

TEST_CASE("doubles are written so that they read back as the same number") {
  for (const double value : {0.1, 1.0, -0.0, 1e22, 1e-7, 5e-324, 1.7976931348623157e308, 1.0 / 3}) {
    const std::string written = Json(value).dump();
    const Json read = Json::parse(written);
    CAPTURE(written);
    CHECK(read.kind() == Json::Kind::number);
    CHECK(read.as_number() == value);
    CHECK(std::signbit(read.as_number()) == std::signbit(value));
  }
  CHECK(Json(1.0).dump() == "1.0");
  CHECK(Json(std::nan("")).dump() == "null");
  CHECK(Json(-std::numeric_limits<double>::infinity()).dump() == "null");
}

TEST_CASE("strings are read and written with their escapes") {
  const Json text = Json::parse(R"("a\"\\\/\b\f\n\r\t\u00e4\ud83d\ude42\u0000z")");
  CHECK(text.as_string() == std::string("a\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x99\x82\0z", 17));
  CHECK(text.dump() == "\"a\\\"\\\\/\\u0008\\u000c\\n\\r\\t\xc3\xa4\xf0\x9f\x99\x82\\u0000z\"");
  CHECK(Json::parse(text.dump()) == text);
  CHECK(Json("bad \xff").dump() == "\"bad \xef\xbf\xbd\"");
}

TEST_CASE("documents keep the order of their members and are written in two ways") {
  const std::string compact = R"({"z":1,"a":[1,2.5,{}],"m":{"x":null},"e":[]})";
  const Json document = Json::parse(compact);
  CHECK(document.dump() == compact);
  CHECK(document.dump(2) ==
        "{\n  \"z\": 1,\n  \"a\": [\n    1,\n    2.5,\n    {}\n  ],\n"
        "  \"m\": {\n    \"x\": null\n  },\n  \"e\": []\n}");
  CHECK(Json::parse(document.dump(2)) == document);
}

TEST_CASE("a document is built in place") {
  Json document;
  document["name"] = "loquor";
  document["sizes"].push_back(1);
  document["sizes"].push_back(std::int64_t{1} << 40);
  document["nested"]["flag"] = true;
  document["name"] = std::string_view("again");
  CHECK(document.dump() == R"({"name":"again","sizes":[1,1099511627776],"nested":{"flag":true}})");
  CHECK(document.size() == 3);
  CHECK(document.at("sizes").size() == 2);
  CHECK(document.at("name").size() == 0);
  const Json copy = document;
  document["name"] = nullptr;
  CHECK(copy.at("name").as_string() == "again");
  CHECK_THROWS_AS(document.at("sizes").as_array().at(0).as_object(), Error);
  CHECK_THROWS_AS(document["sizes"]["key"], Error);
}

TEST_CASE("access says what was found and expected") {
  const Json document = Json::parse(R"({"layers": "four"})");
  const auto message = [](auto&& fn) -> std::string {
    try {
      fn();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  };
  CHECK(message([&] { document.at("layers").as_integer(); }) ==
        "expected an integer, found a string");
  CHECK(message([&] { document.at("heads"); }) == "the key 'heads' is missing");
  CHECK(message([&] { document.at("layers").at("x"); }) ==
        "expected an object with the key 'x', found a string");
  CHECK(document.find("heads") == nullptr);
  CHECK(document.at("layers").find("x") == nullptr);
  CHECK(message([&] { Json(nullptr).as_bool(); }) == "expected a boolean, found null");
}

TEST_CASE("equality goes by value and does not mind the order of members") {
  CHECK(Json::parse(R"({"a":1,"b":[2.0]})") == Json::parse(R"({"b":[2],"a":1.0})"));
  CHECK_FALSE(Json::parse(R"({"a":1})") == Json::parse(R"({"a":1,"b":2})"));
  CHECK_FALSE(Json::parse("[1,2]") == Json::parse("[2,1]"));
  CHECK_FALSE(Json(0) == Json(false));
  CHECK_FALSE(Json(nullptr) == Json::object());
}

TEST_CASE("repeated keys are found in large objects") {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += "\"key" + std::to_string(i) + "\":0,";
  CHECK(error_of(text + "\"key\":0}") == "accepted");
  CHECK(error_of(text + "\"key777\":0}").find("'key777' stands twice") != std::string::npos);
}

TEST_CASE("the reader pulls a document part by part") {
  JsonReader reader(
      R"( {"plain": [1, -2, 3.5], "esc\n": "v\t", "o": {"x": [true, null]}, "s": [[]]} )");
  std::string_view key;
  reader.begin_object();
  REQUIRE(reader.next_key(key));
  CHECK(key == "plain");
  CHECK(reader.peek() == Json::Kind::array);
  reader.begin_array();
  REQUIRE(reader.next_element());
  CHECK(reader.peek() == Json::Kind::integer);
  CHECK(reader.integer() == 1);
  REQUIRE(reader.next_element());
  CHECK(reader.integer() == -2);
  REQUIRE(reader.next_element());
  CHECK(reader.peek() == Json::Kind::number);
  CHECK(reader.number() == 3.5);
  CHECK_FALSE(reader.next_element());
  REQUIRE(reader.next_key(key));
  CHECK(reader.string() == "v\t");
  CHECK(key == "esc\n");  // still there after its value
  REQUIRE(reader.next_key(key));
  CHECK(reader.value().dump() == R"({"x":[true,null]})");
  REQUIRE(reader.next_key(key));
  reader.skip();
  CHECK_FALSE(reader.next_key(key));
  reader.end();
}

TEST_CASE("strings without escapes are views into the text") {
  const std::string text = "[\"abc\"]";
  JsonReader reader(text);
  reader.begin_array();
  REQUIRE(reader.next_element());
  CHECK(reader.string().data() == text.data() + 2);
}

TEST_CASE("the reader refuses the wrong kind of value and names both") {
  const auto message = [](std::string_view text, auto&& read) -> std::string {
    JsonReader reader(text);
    try {
      read(reader);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing";
  };
  CHECK(message("1", [](JsonReader& reader) { reader.string(); }) ==
        "line 1, column 1: expected a string, found an integer");
  CHECK(message("\"1\"", [](JsonReader& reader) { reader.integer(); }) ==
        "line 1, column 1: expected an integer, found a string");
  CHECK(message("[]", [](JsonReader& reader) { reader.begin_object(); }) ==
        "line 1, column 1: expected an object, found an array");
  CHECK(message("null", [](JsonReader& reader) { reader.boolean(); }) ==
        "line 1, column 1: expected a boolean, found null");
}
