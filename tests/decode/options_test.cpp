// The tables of all options: each agrees with its struct, and with what hand-filled options may
// hold.
#include "decode/options/options.h"

#include <doctest/doctest.h>

#include <set>

#include "base/error.h"

using namespace loquor;

namespace {

template <class Struct>
void check_table(const OptionTable<Struct>& table, std::size_t count) {
  CAPTURE(table.kind());
  CHECK(table.options().size() == count);
  CHECK(table.to_json(Struct()) == Json::object());
  CHECK_NOTHROW(table.validate(Struct()));
  std::set<std::string_view> names;
  for (const auto& option : table.options()) {
    CAPTURE(option.name);
    CHECK(names.insert(option.name).second);
    CHECK(option.description.ends_with("."));
    CHECK_FALSE(option.default_text.empty());
  }
}

std::string refusal(const GenerateOptions& options) {
  try {
    validate(options);
  } catch (const Error& error) {
    CHECK(error.code() == Code::invalid_argument);
    return error.what();
  }
  return "valid";
}

}  // namespace

TEST_CASE("every member of every struct stands in its table once") {
  check_table(runtime_options(), 2);
  check_table(model_options(), 5);
  check_table(session_options(), 2);
  check_table(generate_options(), 44);
  check_table(translate_options(), 47);
  check_table(summarize_options(), 45);
  check_table(chat_options(), 6);
  check_table(encode_options(), 6);
  check_table(render_options(), 3);
  check_table(embed_options(), 10);
  check_table(classify_options(), 7);
  check_table(tag_options(), 8);
  check_table(fill_mask_options(), 7);
  check_table(rerank_options(), 7);
  check_table(answer_options(), 8);
  check_table(zero_shot_options(), 7);
  check_table(score_options(), 5);
}

TEST_CASE("a chat's options reach its session's") {
  ChatOptions options;
  chat_options().set(options, "context_length", 128);
  CHECK(options.session.context_length == 128);
}

TEST_CASE("options of a generation that were filled by hand are checked") {
  CHECK(refusal({}) == "valid");
  CHECK(refusal({.temperature = -0.5}) ==
        "option temperature: found -0.5, expected a number of at least 0");
  CHECK(refusal({.top_p = 1.01}) == "option top_p: found 1.01, expected a number from 0 to 1");
  CHECK(refusal({.repetition_penalty = 0.0}) ==
        "option repetition_penalty: found 0.0, expected a number above 0");
  CHECK(refusal({.max_new_tokens = 3, .min_new_tokens = 4}) ==
        "option min_new_tokens: found 4, expected at most max_new_tokens, which is 3");
  CHECK(refusal({.max_new_tokens = 4, .min_new_tokens = 4}) == "valid");
}
