// A template is untrusted input: whatever it holds, the interpreter answers with text or an Error,
// soon.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "loquor/chat_template.hpp"
#include "text/jinja/interpreter.h"

using namespace loquor;

namespace {

std::string repeated(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

Code outcome(const std::string& source) {
  try {
    jinja::render(jinja::parse(source), {});
    return Code::ok;
  } catch (const Error& error) {
    return error.code();
  }
}

std::string message_of(const std::string& source) {
  try {
    jinja::render(jinja::parse(source), {});
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("Nesting of 100,000 levels is an error, not a stack overflow") {
  constexpr int kLevels = 100'000;
  for (const char* piece :
       {"(", "[", "{1:", "-", "not ", "x(", "x[", "1 if 1 else ", "1 is eq [", "x|default("}) {
    CAPTURE(piece);
    CHECK(outcome("{{ " + repeated(piece, kLevels)) == Code::unsupported);
  }
  for (const char* piece :
       {"+1", "**1", "*1", " or 0", " and 1", ".a", "()", "[0]", "|string", " if 1"}) {
    CAPTURE(piece);
    CHECK(outcome("{{ 1" + repeated(piece, kLevels) + " }}") == Code::unsupported);
  }
  for (const char* piece : {"{% if 1 %}", "{% for x in [1] %}", "{% set x %}", "{% macro m() %}",
                            "{% filter trim %}", "{% call m() %}", "{% generation %}"}) {
    CAPTURE(piece);
    CHECK(outcome(repeated(piece, kLevels)) == Code::unsupported);
  }
  CHECK(outcome("{% for " + repeated("(", kLevels)) == Code::unsupported);
  CHECK(outcome("{{ 1" + repeated("~1", kLevels) + " }}") == Code::ok);
  CHECK(outcome("{% if 0 %}" + repeated("{% elif 0 %}", kLevels) + "{% endif %}") == Code::ok);
}

TEST_CASE("Endless recursion of macros is an error, on a thread with a stack of 8 MiB too") {
  std::thread([] {
    CHECK(outcome("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}") == Code::unsupported);
    CHECK(outcome("{% macro m(x=m()) %}{% endmacro %}{{ m() }}") == Code::unsupported);
    CHECK(outcome("{% macro m(x) %}{% for i in [1] %}{% if 1 %}{% set y %}{{ [[((m(x + 1)))]]|trim "
                  "}}{% endset %}"
                  "{% endif %}{% endfor %}{% endmacro %}{{ m(1) }}") == Code::unsupported);
    CHECK(outcome("{% macro m() %}{{ caller() }}{% endmacro %}{% macro r() %}{% call m() %}{{ r() "
                  "}}{% endcall %}"
                  "{% endmacro %}{{ r() }}") == Code::unsupported);
  }).join();
}

TEST_CASE("Work, memory and output are limited") {
  CHECK(message_of(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}") ==
        "chat template line 1: a render of more than 10000000 steps");
  CHECK(outcome("{{ 'x' * 1000000000000 }}") == Code::unsupported);
  CHECK(outcome("{{ [1] * 1000000000000 }}") == Code::unsupported);
  CHECK(outcome("{{ range(100001) }}") == Code::unsupported);
  CHECK(outcome("{{ range(99999)|join('x' * 100000) }}") == Code::unsupported);
  CHECK(outcome("{% for a in range(2000) %}{{ 'x' * 100000 }}{% endfor %}") == Code::unsupported);
  CHECK(outcome("{% set n = namespace(a='x') %}{% for i in range(99) %}{% set n.a = n.a + n.a %}{% "
                "endfor %}") == Code::unsupported);
  CHECK(outcome("{% set n = namespace(a=[]) %}{% for i in range(99) %}{% set n.a = n.a + ['x' * "
                "9000000] %}"
                "{% endfor %}") == Code::unsupported);
  CHECK(outcome("{{ ('a' * 1000000).replace('', 'x' * 1000000) }}") == Code::unsupported);
  CHECK(outcome("{{ ('a ' * 2000000).split() }}") == Code::unsupported);
  CHECK(outcome("{{ ('a' * 9000000).find('a' * 4000000 ~ 'b') }}") == Code::unsupported);
  CHECK(outcome("{{ ('a' * 9000000).strip('b' * 4000000) }}") == Code::unsupported);
  CHECK(outcome("{{ 2 ** 63 }}") == Code::unsupported);
  CHECK(outcome("{{ '' * 1000000000000 }}{{ [] * 1000000000000 }}{{ 2 ** 62 }}") == Code::ok);
}

TEST_CASE("Values that share parts or hold themselves are neither printed nor freed without end") {
  const std::string grow =
      "{% set n = namespace(a=['x'], b=['x']) %}{% for i in range(99) %}"
      "{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}";
  CHECK(outcome(grow + "{{ n.a }}") == Code::unsupported);
  CHECK(outcome(grow + "{{ n.a|tojson }}") == Code::unsupported);
  CHECK(outcome(grow + "{{ n.a == n.b }}") == Code::unsupported);
  CHECK(outcome("{% set n = namespace(a=()) %}{% for i in range(300) %}{% set n.a = (n.a,) %}{% "
                "endfor %}") == Code::unsupported);
  CHECK(outcome("{% set n = namespace() %}{% set n.a = [n] %}{% set n.b = n %}ok") == Code::ok);
  CHECK(outcome("{% set n = namespace() %}{% for i in range(50000) %}{% set m = namespace(p=n.p) %}"
                "{% set n.p = m %}{% endfor %}ok") == Code::ok);
  CHECK(outcome("{% set n = namespace(l=[]) %}{% for i in range(300) %}{% for x in [n.l] %}{% set "
                "n.l = loop %}"
                "{% endfor %}{% endfor %}") == Code::unsupported);
}

TEST_CASE("Arguments can be spread from a list and from a dict") {
  const jinja::Program program = jinja::parse(
      "{% macro m(a, b=2, c=3) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(*[7, 8]) }} {{ m(*[7], "
      "**{'c': 9}) }} "
      "{{ m(1, c=4, *[5]) }}");
  CHECK(jinja::render(program, {}).view() == "783 729 154");
  CHECK(outcome("{{ dict(**1) }}") == Code::invalid_argument);
  CHECK(outcome("{{ f(*a, 1) }}") == Code::invalid_file);
}

TEST_CASE("A macro outlives the loop that defined it") {
  const jinja::Program program = jinja::parse(
      "{% set n = namespace() %}{% for i in [1, 2] %}{% set k = i * 10 %}{% macro m(x) %}{{ k }}{{ "
      "x }}"
      "{% endmacro %}{% set n.m = m %}{% endfor %}{{ n.m('!') }}");
  CHECK(jinja::render(program, {}).view() == "20!");
}

TEST_CASE("20,000 mutations of real templates give text or an Error") {
  std::vector<std::string> sources;
  const Json recorded =
      Json::parse(read_text(std::string(LOQUOR_SOURCE_DIR) + "/tests/oracle/templates.json"));
  for (const Json& each : recorded.at("templates").as_array()) {
    if (const Json* source = each.find("template")) sources.push_back(source->as_string());
  }
  for (const char* name : {"llama3_1", "qwen3"}) {
    const auto path =
        tests::shared_data(std::string("tokenizers/") + name + "/tokenizer_config.json");
    if (!path.empty())
      sources.push_back(Json::parse(read_text(path)).at("chat_template").as_string());
  }
  for (const Json& snippet : recorded.at("snippets").as_array())
    sources.push_back(snippet.at("template").as_string());
  const std::string messages =
      R"([{"role":"system","content":"s"},{"role":"user","content":"<think>u</think>"},
    {"role":"assistant","content":"","tool_calls":[{"type":"function","function":{"name":"f","arguments":{"a":[1,2.5]}}}]},
    {"role":"tool","content":"t"}])";
  RenderOptions options;
  options.tools = R"([{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}])";
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return random() % std::max<std::size_t>(limit, 1); };
  int rendered = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string source = sources[below(sources.size())];
    for (std::size_t edits = 1 + below(3); edits > 0; --edits) {
      const std::string& other = sources[below(sources.size())];
      const std::size_t from = below(other.size());
      const std::string piece = other.substr(from, below(24));
      const std::size_t at = below(source.size());
      switch (below(4)) {
        case 0:
          source.erase(at, below(12));
          break;
        case 1:
          source.insert(at, piece);
          break;
        case 2:
          source.replace(at, piece.size(), piece);
          break;
        default:
          if (!source.empty()) source[at] = static_cast<char>(random());
      }
    }
    try {
      const ChatTemplate chat(source, R"({"bos_token":"<s>","eos_token":"</s>"})");
      const Prompt prompt = chat.render_json(messages, options);
      ++rendered;
      if (!prompt.from_template.empty())
        CHECK(prompt.from_template.back().end <= std::int64_t(prompt.text.size()));
    } catch (const Error& error) {
      CHECK(error.code() != Code::internal);
    }
  }
  CHECK(rendered > 1000);
}
