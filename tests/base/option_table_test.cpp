// The option table on a struct of its own: one member of every type.
#include "base/option_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/error.h"

using namespace loquor;

namespace {

struct Inner {
  std::int64_t depth = 3;
  std::optional<Cancel> cancel;
};

struct Options {
  bool flag = true;
  int count = 1;
  std::string mode = "slow";
  std::string schema;
  std::vector<std::string> names;
  std::map<std::int32_t, double> bias;
  std::optional<bool> maybe;
  std::optional<std::int64_t> size;
  std::optional<std::uint64_t> seed;
  std::optional<double> scale;
  std::optional<std::vector<std::int32_t>> ids;
  std::optional<Runtime> runtime;
  std::optional<std::string> stop;
  std::vector<std::vector<std::int32_t>> words;
  std::map<std::vector<std::int32_t>, double> sequences;
  std::shared_ptr<const Model> model;
  PrefixAllowedTokens function;
  Inner inner;
};

constexpr Option kOptions[] = {
    {.name = "flag",
     .member = member<&Options::flag>(),
     .default_text = "true",
     .description = "A flag."},
    {.name = "count",
     .member = member<&Options::count>(),
     .default_text = "1",
     .description = "",
     .range = between(1, 9)},
    {.name = "mode",
     .member = member<&Options::mode>(),
     .default_text = "slow",
     .description = "",
     .choices = "slow|fast"},
    {.name = "schema",
     .member = member<&Options::schema>(),
     .default_text = "",
     .description = "",
     .holds = Json::Kind::object},
    {.name = "names", .member = member<&Options::names>(), .default_text = "", .description = ""},
    {.name = "bias", .member = member<&Options::bias>(), .default_text = "", .description = ""},
    {.name = "maybe", .member = member<&Options::maybe>(), .default_text = "", .description = ""},
    {.name = "size",
     .member = member<&Options::size>(),
     .default_text = "",
     .description = "",
     .range = at_least(2)},
    {.name = "seed", .member = member<&Options::seed>(), .default_text = "", .description = ""},
    {.name = "scale",
     .member = member<&Options::scale>(),
     .default_text = "1",
     .description = "Scales.",
     .range = above(0)},
    {.name = "ids", .member = member<&Options::ids>(), .default_text = "", .description = ""},
    {.name = "runtime",
     .member = member<&Options::runtime>(),
     .default_text = "",
     .description = ""},
    {.name = "stop",
     .member = member<&Options::stop>(),
     .default_text = "",
     .description = "",
     .choices = "false|true|never"},
    {.name = "words", .member = member<&Options::words>(), .default_text = "", .description = ""},
    {.name = "sequences",
     .member = member<&Options::sequences>(),
     .default_text = "",
     .description = ""},
    {.name = "model", .member = member<&Options::model>(), .default_text = "", .description = ""},
    {.name = "function",
     .member = member<&Options::function>(),
     .default_text = "",
     .description = ""},
    {.name = "depth",
     .member = member<&Options::inner, &Inner::depth>(),
     .default_text = "3",
     .description = ""},
    {.name = "cancel",
     .member = member<&Options::inner, &Inner::cancel>(),
     .default_text = "",
     .description = ""},
};
constexpr OptionTable<Options> kTable("test", kOptions);

std::string refusal(std::string_view name, const char* json) {
  Options options;
  try {
    kTable.set(options, name, Json::parse(json));
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    CHECK(kTable.to_json(options) == Json::object());
    return error.what();
  }
  return "taken";
}

std::string refusal(const Options& options) {
  try {
    kTable.validate(options);
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    return error.what();
  }
  return "valid";
}

}  // namespace

TEST_CASE("what is set is read back, and null goes back to the default") {
  const auto all = Json::parse(R"({"flag": false, "count": 4, "mode": "fast", "schema": "{\"a\":1}",
    "names": ["x", "y"], "bias": {"3": -0.5, "7": "-inf"}, "maybe": true, "size": 9007199254740993,
    "seed": 9223372036854775807, "scale": 0.25, "ids": [1, 2], "stop": "never",
    "words": [[1], [2, 3]], "sequences": [[[4], 1.5], [[4, 5], "-inf"]], "depth": 5})");
  Options options;
  kTable.set_all(options, all);
  CHECK(kTable.to_json(options) == all);
  CHECK(options.inner.depth == 5);
  CHECK(options.size == 9007199254740993);
  CHECK(options.seed == 9223372036854775807u);
  CHECK(options.bias.at(7) == -std::numeric_limits<double>::infinity());
  for (const auto& [name, value] : all.as_object()) kTable.set(options, name, nullptr);
  CHECK(kTable.to_json(options) == Json::object());
}

TEST_CASE("values of a neighbouring kind are taken for what they mean") {
  Options options;
  kTable.set_all(options,
                 Json::parse(R"({"flag": 0, "count": 2.0, "scale": 3, "names": "one", "ids": 4,
    "schema": {"a": [1]}, "bias": [[5, 1.5]], "stop": true})"));
  CHECK(kTable.to_json(options) ==
        Json::parse(R"({"flag": false, "count": 2, "scale": 3, "names": ["one"],
    "ids": [4], "schema": "{\"a\":[1]}", "bias": {"5": 1.5}, "stop": "true"})"));
}

TEST_CASE("a wrong value is refused with what was found and expected") {
  CHECK(refusal("flag", "2") == "option flag: found 2, expected true or false");
  CHECK(refusal("flag", R"("yes")") == "option flag: found 'yes', expected true or false");
  CHECK(refusal("count", "10") == "option count: found 10, expected an integer from 1 to 9");
  CHECK(refusal("count", "1.5") == "option count: found 1.5, expected an integer from 1 to 9");
  CHECK(refusal("count", "3000000000") ==
        "option count: found 3000000000, expected an integer from 1 to 9");
  CHECK(refusal("mode", R"("quick")") ==
        R"(option mode: found 'quick', expected one of ["slow","fast"])");
  CHECK(refusal("mode", "1") == R"(option mode: found 1, expected one of ["slow","fast"])");
  CHECK(refusal("schema", "[1]") == "option schema: found [1], expected JSON with an object");
  CHECK(refusal("schema", R"("{")").starts_with("option schema: line 1"));
  CHECK(
      refusal("names", R"(["a", ""])") ==
      R"(option names: found ["a",""], expected a string or a list of strings of valid UTF-8, none of them empty)");
  CHECK(refusal("size", "1") == "option size: found 1, expected an integer of at least 2");
  CHECK(refusal("size", "1e300") == "option size: found 1e+300, expected an integer of at least 2");
  CHECK(refusal("seed", "-1") ==
        "option seed: found -1, expected an integer from 0 to 9223372036854775807");
  CHECK(refusal("seed", "9223372036854775808") ==
        "option seed: found 9223372036854775808.0, expected an integer from 0 to "
        "9223372036854775807");
  CHECK(refusal("scale", "0") == "option scale: found 0, expected a number above 0");
  CHECK(refusal("scale", "true") == "option scale: found true, expected a number above 0");
  CHECK(refusal("ids", "[2147483648]") ==
        "option ids: found [2147483648], expected a token id or a list of token ids");
  CHECK(refusal("bias", R"({"3": 1, "03": 2})").starts_with("option bias: found"));
  CHECK(refusal("bias", "[[1]]").starts_with("option bias: found [[1]], expected an object like"));
  CHECK(refusal("stop", "1") ==
        R"(option stop: found 1, expected one of ["false","true","never"])");
  CHECK(refusal("mode", "true") == R"(option mode: found true, expected one of ["slow","fast"])");
  for (const char* wrong : {"[1]", "[[]]", "[[-1]]", "7", "[[1.5]]", R"([["a"]])"})
    CHECK(refusal("words", wrong).ends_with("a list of lists of token ids, none of them empty"));
  for (const char* wrong :
       {"[[[], 1]]", "[[[1], \"inf\"]]", "[[[1]]]", "{}", "[[[-1], 1]]", "[[[1], 1], [[1], 2]]"})
    CHECK(refusal("sequences", wrong).starts_with("option sequences: found "));
  CHECK(refusal("model", "1") == "option model: found 1, expected a Model");
  CHECK(refusal("function", "[1]") ==
        "option function: found [1], expected a function of the ids so far that gives those that "
        "may follow");
  CHECK(refusal("runtime", "{}") == "option runtime: found {}, expected a Runtime");
}

TEST_CASE("an unknown name lists the known ones") {
  CHECK(refusal("colour", "1") ==
        "unknown test option 'colour'; known are: flag, count, mode, schema, names, bias, maybe, "
        "size, seed, scale, "
        "ids, runtime, stop, words, sequences, model, function, depth, cancel");
}

TEST_CASE("an object is taken whole or not at all") {
  Options options;
  CHECK_THROWS_AS(kTable.set_all(options, Json::parse(R"({"count": 5, "scale": -1})")), Error);
  CHECK_THROWS_AS(kTable.set_all(options, Json::parse("[]")), Error);
  CHECK(options.count == 1);
}

TEST_CASE("handles are set by type and left out of JSON") {
  Options options;
  const Cancel cancel;
  kTable.set_handle(options, "cancel", std::optional(cancel));
  cancel.cancel();
  REQUIRE(options.inner.cancel);
  CHECK(options.inner.cancel->cancelled());
  CHECK(kTable.to_json(options) == Json::object());
  CHECK_THROWS_WITH_AS(kTable.set_handle(options, "runtime", std::optional(cancel)),
                       "option runtime: found a Cancel, expected a Runtime", Error);
  kTable.set_handle(options, "cancel", std::optional<Cancel>());
  CHECK_FALSE(options.inner.cancel);
}

TEST_CASE("a struct that was filled by hand is checked by the same rules") {
  CHECK(refusal(Options()) == "valid");
  Options options;
  options.scale = std::nan("");
  CHECK(refusal(options) == "option scale: found nan, expected a number above 0");
  options = {};
  options.bias = {{4, std::numeric_limits<double>::infinity()}};
  CHECK(refusal(options).starts_with("option bias: "));
  options = {};
  options.bias = {{4, -std::numeric_limits<double>::infinity()}};
  CHECK(refusal(options) == "valid");
  options = {};
  options.ids = {{5, -1}};
  CHECK(refusal(options) == "option ids: found [5,-1], expected a token id or a list of token ids");
  options = {};
  options.seed = 1ull << 63;
  CHECK(refusal(options).starts_with("option seed: found 9223372036854775808"));
  options = {};
  options.mode = "\xff";
  CHECK(refusal(options).starts_with("option mode: found "));
}

TEST_CASE("the table describes itself as JSON") {
  const auto table = kTable.describe();
  REQUIRE(table.size() == std::size(kOptions));
  CHECK(table.as_array()[1] ==
        Json::parse(R"({"name": "count", "type": "integer", "minimum": 1, "maximum": 9,
                                               "default": "1", "description": ""})"));
  CHECK(table.as_array()[2].at("choices") == Json::parse(R"(["slow", "fast"])"));
  CHECK(table.as_array()[9] ==
        Json::parse(R"({"name": "scale", "type": "number", "exclusive_minimum": 0,
                                               "default": "1", "description": "Scales."})"));
}
