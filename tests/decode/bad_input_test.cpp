// What a caller can get wrong: each gives its code and one line that names the thing, and models
// and sessions go on as before. What is wrong with files is in tests/nn/strictness_test.cpp, what
// with tasks in task_inputs_test.cpp. The same through C, Python and the tool:
// tests/capi/bad_input.c, tests/python/test_bad_input.py, tests/tool/test_failures.py.
#include <doctest/doctest.h>

#include "base/caught.h"
#include "data.h"
#include "loquor/loquor.hpp"
#include "loquor/options_json.hpp"
#include "nn/golden_copy.h"

namespace loquor {
namespace {

using Ids = std::vector<std::int32_t>;

Model open_golden(const char* name) {
  return Model(tests::golden(name).string(), {.compute_type = "f32"});
}

template <class Function>
void check_refused(Code code, const std::string& part, Function&& call) {
  const Error error = tests::caught(call);
  const std::string message = error.what();
  CAPTURE(message);
  CHECK(error.code() == code);
  CHECK(message.find(part) != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("ids that cannot be read are refused, and a session stays as it was") {
  const Model model = open_golden("llama");
  Session session(model);
  session.append(Ids{5, 9});
  const auto before = Session(model).append(Ids{5, 9, 33});
  const auto refuse = [&](Code code, const std::string& part, const Ids& ids) {
    check_refused(code, part, [&] { model.logits(ids); });
    check_refused(code, part, [&] { model.generate(ids); });
    check_refused(code, part, [&] { session.append(ids); });
    check_refused(code, part, [&] {
      Generation generation(session, ids, {.max_new_tokens = 1});
      generation.finish();
    });
  };
  refuse(Code::context_full, "64", Ids(65, 1));
  refuse(Code::invalid_argument, "79", {1, 79});
  refuse(Code::invalid_argument, "-1", {-1});
  check_refused(Code::invalid_argument, "token", [&] { model.logits(Ids{}); });
  check_refused(Code::invalid_argument, "token", [&] { model.generate(Ids{}); });
  check_refused(Code::invalid_argument, "token", [&] { session.append(Ids{}); });
  CHECK(session.position() == 2);
  CHECK(session.append(Ids{33}) == before);
}

TEST_CASE("text that cannot be read is refused") {
  const Model model = open_golden("chat_llama");
  Chat chat(model);
  for (const std::string& bad :
       {std::string("\xff"), std::string("a\xc3"), std::string("\xed\xa0\x80")}) {
    check_refused(Code::invalid_argument, "UTF-8", [&] { model.generate(bad); });
    check_refused(Code::invalid_argument, "UTF-8", [&] { model.tokenizer().encode(bad); });
    check_refused(Code::invalid_argument, "UTF-8",
                  [&] { model.tokenizer().encode_pair("a", bad); });
    check_refused(Code::invalid_argument, "UTF-8", [&] { chat.send(bad); });
  }
  CHECK(chat.messages().empty());
  check_refused(Code::invalid_argument, "no token ids",
                [&] { model.generate("", {.add_special_tokens = false}); });
  check_refused(Code::unsupported, "no tokenizer", [&] { open_golden("llama").generate("a"); });
  check_refused(Code::unsupported, "no chat template", [&] { Chat(open_golden("llama")); });
}

TEST_CASE("options that are not known or do not fit are refused") {
  const Model model = open_golden("llama");
  GenerateOptions options;
  check_refused(Code::invalid_argument, "max_new_tokens",
                [&] { set_json(options, R"({"max_tokens": 3})"); });
  check_refused(Code::invalid_argument,
                "option max_new_tokens: found 'ten', expected an integer of at least 0",
                [&] { set_json(options, R"({"max_new_tokens": "ten"})"); });
  check_refused(Code::invalid_argument, "option top_p: found 2",
                [&] { model.generate(Ids{1}, {.top_p = 2.0}); });
  check_refused(Code::invalid_argument, "num_beams: found 80",
                [&] { model.generate(Ids{1}, {.num_beams = 80}); });
  EncodeOptions encode{.max_length = 5, .truncation = "middle"};
  check_refused(Code::invalid_argument,
                "option truncation: found 'middle', expected one of 'longest_first', ",
                [&] { open_golden("chat_llama").tokenizer().encode("a", encode); });
}

TEST_CASE("calls of another kind of model say of which kind this one is") {
  const Model encoder = open_golden("bert"), decoder = open_golden("llama"),
              both = open_golden("bart");
  check_refused(Code::unsupported, "encoder-only", [&] { encoder.generate(Ids{3}); });
  check_refused(Code::unsupported, "encoder-only", [&] { Session session(encoder); });
  check_refused(Code::unsupported, "encoder-only", [&] { encoder.log_probabilities(Ids{3, 4}); });
  check_refused(Code::unsupported, "decoder-only", [&] { Session(decoder).encode(Ids{3}); });
  check_refused(Code::unsupported, "decoder-only", [&] { decoder.logits(Ids{3}, Ids{4}); });
  check_refused(Code::invalid_argument, "encode", [&] { Session(both).append(Ids{3}); });
  check_refused(Code::unsupported, "its class is LlamaForCausalLM",
                [&] { decoder.classify({TokenIds{{3}}}); });
  check_refused(Code::context_full, "41 tokens do not fit: the model has 40",
                [&] { encoder.logits(Ids(41, 1)); });
}

TEST_CASE("labels that a config does not name are transformers' LABEL_0 and LABEL_1") {
  const tests::Copy copy("tasks_entail");
  copy.config([](Json& config) { config["id2label"] = config["label2id"] = nullptr; });
  check_refused(Code::invalid_file, "'classifier.weight' has shape (3, 24), expected (2, 24)",
                [&] { copy.open(); });
  copy.config([](Json& config) { config["num_labels"] = 3; });
  const Model model(copy.path(), {.compute_type = "f32"});
  CHECK(model.info().labels == std::vector<std::string>{"LABEL_0", "LABEL_1", "LABEL_2"});
}

}  // namespace
}  // namespace loquor
