// Rotations that depend on the length of the context are fixed by the one that a session was opened
// for.
#include <doctest/doctest.h>

#include "data.h"
#include "io/failure.h"
#include "loquor/session.hpp"

namespace loquor {
namespace {

const std::vector<std::int32_t> kIds = {5, 60, 3, 3, 17, 42};

Model open_short(const char* name) {
  return Model(tests::golden(name).string(), {.compute_type = "f32"});
}

TEST_CASE("a session is opened for the model's original context, unless it asks for more") {
  const Model model = open_short("phi3_long");
  Session usual(model), longer(model, {.context_length = 64});
  CHECK(usual.context_length() == 7);
  CHECK(model.info().context_length == 64);
  CHECK(usual.append(kIds) != longer.append(kIds));
  tests::check_failure(tests::failure_of([&] { usual.append(kIds); }), Code::context_full, "6 of 7",
                       "64", "context_length");
  CHECK(open_short("phi3_short").logits(kIds).values.size() == kIds.size() * 61);
}

TEST_CASE("a dynamic rotation is that of the session's length, however far it has come") {
  const Model model = open_short("llama_dynamic");
  Session first(model, {.context_length = 20}), second(model, {.context_length = 40});
  CHECK(first.append(kIds) != second.append(kIds));
  tests::check_failure(tests::failure_of([&] { Session(model, {.context_length = 49}); }),
                       Code::invalid_argument, "48");
}

TEST_CASE("sessions of several contexts in one batch get what they get alone") {
  for (const char* name : {"phi3_long", "llama_dynamic"}) {
    const Model model = open_short(name);
    const auto alone = [&](std::int64_t context) {
      return Session(model, {.context_length = context}).append(kIds);
    };
    Session usual(model), longer(model, {.context_length = 30}),
        other(model, {.context_length = 40});
    Batch batch(model);
    const Logits logits = batch.add(longer, kIds).add(usual, kIds).add(other, kIds).step();
    const auto row = [&](std::int64_t i) {
      const auto values = logits.row(i);
      return std::vector<float>(values.begin(), values.end());
    };
    CHECK(row(0) == alone(30));
    CHECK(row(1) == alone(0));
    CHECK(row(2) == alone(40));
  }
}

TEST_CASE("forks, rewound and restored sessions keep their context") {
  const Model model = open_short("llama_dynamic");
  Session session(model, {.context_length = 40});
  session.append(kIds);
  const std::string saved = session.save();
  const auto next = session.append(std::vector<std::int32_t>{7});
  Session restored(model, {.context_length = 40});
  restored.restore(saved);
  Session fork = restored.fork();
  CHECK(fork.append(std::vector<std::int32_t>{7}) == next);
  fork.rewind(0);
  fork.append(kIds);
  CHECK(fork.append(std::vector<std::int32_t>{7}) == next);
  Session other(model, {.context_length = 41});
  tests::check_failure(tests::failure_of([&] { other.restore(saved); }), Code::invalid_file,
                       "context");
}

}  // namespace
}  // namespace loquor
