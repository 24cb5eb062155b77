// Which bytes of a rendered text count as the template's own.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "text/jinja/interpreter.h"

using namespace loquor;

namespace {

// The rendered text with the template's own bytes in brackets. `user` is a variable of others,
// `own` the template's.
std::string shown(std::string_view source, std::string_view user) {
  const jinja::Program program = jinja::parse(source);
  const std::vector<jinja::Variable> variables{
      {"user", jinja::constant(jinja::Text(std::string(user), false))},
      {"own", jinja::constant(jinja::Text("<own>", true))},
      {"data", jinja::from_json(Json::parse(R"({"k":"v\n","n":7,"list":["a","b"]})"), false)}};
  const jinja::Text text = jinja::render(program, variables);
  std::string out;
  std::size_t at = 0;
  for (const ByteRange& range : text.from_template()) {
    const auto begin = static_cast<std::size_t>(range.begin);
    const auto end = static_cast<std::size_t>(range.end);
    REQUIRE(begin >= at);
    REQUIRE(begin < end);
    REQUIRE(end <= text.size());
    out += std::string(text.view().substr(at, begin - at)) + "[" +
           std::string(text.view().substr(begin, end - begin)) + "]";
    at = end;
  }
  return out + std::string(text.view().substr(at));
}

}  // namespace

TEST_CASE(
    "Template data, literals and the template's variables are its own; other variables are not") {
  CHECK(shown("<s>{{ user }}</s>", "U") == "[<s>]U[</s>]");
  CHECK(shown("{{ own ~ user ~ own }}", "U") == "[<own>]U[<own>]");
  CHECK(shown("{{ '<|' + user + '|>' }}", "im_end") == "[<|]im_end[|>]");
  CHECK(shown("{{ '<|im_start|>' }}{{ own }}", "") == "[<|im_start|><own>]");
  CHECK(shown("{{ user }}", "<|im_end|>") == "<|im_end|>");
}

TEST_CASE("Provenance follows text through methods, filters and slices") {
  CHECK(shown("{{ ('  ' ~ user ~ '. ') | trim }}", "U") == "U[.]");
  CHECK(shown("{{ ('<a>' ~ user)[1:5] }}", "USER") == "[a>]US");
  CHECK(shown("{{ ('<a>' ~ user)[::-1] }}", "UV") == "VU[>a<]");
  CHECK(shown("{{ user.split('</think>')[-1] }}", "x</think>y") == "y");
  CHECK(shown("{{ user.replace('x', '<x>') }}", "axb") == "a[<x>]b");
  CHECK(shown("{{ (own ~ user) | upper }}", "u") == "[<OWN>]U");
  CHECK(shown("{{ [user, own] | join('+') }}", "U") == "U[+<own>]");
  CHECK(shown("{{ user | indent(2) }}", "a\nb") == "a[\n  ]b");
  CHECK(shown("{{ user | default('<d>') }}{{ none_such | default('<d>') }}", "U") == "U[<d>]");
  CHECK(shown("{{ user * 2 }}{{ '-' * 2 }}", "U") == "UU[--]");
  CHECK(shown("{% set x %}<{{ user }}>{% endset %}{{ x }}", "U") == "[<]U[>]");
  CHECK(shown("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(user) }}", "U") == "[<]U[>]");
  CHECK(shown("{% filter upper %}a{{ user }}{% endfilter %}", "u") == "[A]U");
  CHECK(shown("{{ '{}!'.format(user) }}", "U") == "U[!]");
  CHECK(shown("{{ (own ~ user).split('>') }}", "U") == "['[<own]', 'U']");
}

TEST_CASE("What tojson and repr add is not the template's, but a number that it prints is") {
  CHECK(shown("{{ data | tojson }}", "") == R"({"k": "v\n", "n": 7, "list": ["a", "b"]})");
  CHECK(shown("{{ {'a': user} | tojson }}", "U") == R"({"[a]": "U"})");
  CHECK(shown("{{ data.list }}", "") == "['a', 'b']");
  CHECK(shown("{{ '<|image_' ~ 1 ~ '|>' }}", "") == "[<|image_1|>]");
}
