// The interpreter against jinja2 itself: tests/oracle/templates.json holds what it gave.
#include <doctest/doctest.h>

#include <string>

#include "base/bytes.h"
#include "base/json.h"
#include "data.h"
#include "text/jinja/interpreter.h"

using namespace loquor;

namespace {

// What a template gives for the variables of a JSON object; the error's code is in `code` when it
// fails.
struct Outcome {
  std::string text;
  Code code = Code::ok;
  std::string message;
};

Outcome run(const std::string& source, const Json& variables) {
  try {
    const jinja::Program program = jinja::parse(source);
    std::vector<jinja::Variable> values;
    for (const auto& [name, value] : variables.as_object()) {
      values.emplace_back(name, jinja::from_json(value, false));
    }
    return {std::string(jinja::render(program, values).view()), Code::ok, ""};
  } catch (const Error& error) {
    return {"", error.code(), error.what()};
  }
}

Json oracle() {
  return Json::parse(read_text(std::string(LOQUOR_SOURCE_DIR) + "/tests/oracle/templates.json"));
}

}  // namespace

TEST_CASE("Snippets render as jinja2 renders them, or fail as it fails") {
  const Json recorded = oracle();
  CHECK(recorded.at("snippets").size() > 100);
  for (const Json& snippet : recorded.at("snippets").as_array()) {
    const std::string& source = snippet.at("template").as_string();
    CAPTURE(source);
    const Outcome outcome = run(source, snippet.at("variables"));
    if (const Json* error = snippet.find("error")) {
      CHECK(outcome.code != Code::ok);
      if (error->as_string() != "raised") continue;
      CHECK(outcome.code == Code::invalid_argument);
      CHECK(outcome.message == snippet.at("message").as_string());
    } else {
      CHECK(outcome.message == "");
      CHECK(outcome.text == snippet.at("expected").as_string());
    }
  }
}

TEST_CASE("Constructs that chat templates do not use render right or are refused as unsupported") {
  const Json recorded = oracle();
  for (const Json& snippet : recorded.at("beyond").as_array()) {
    const std::string& source = snippet.at("template").as_string();
    CAPTURE(source);
    const Outcome outcome = run(source, snippet.at("variables"));
    if (outcome.code == Code::ok) {
      CHECK(outcome.text == snippet.at("expected").as_string());
    } else {
      CHECK(outcome.code == Code::unsupported);
    }
  }
}
