// Tasks on many texts in one call take no more memory than on few: passes are of bounded size, and
// nothing but results is kept.
#include <doctest/doctest.h>
#include <malloc.h>

#include "data.h"
#include "loquor/model.hpp"

namespace loquor {
namespace {

// Up to 9 words.
std::vector<Input> many_texts(std::size_t count) {
  std::vector<Input> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = "the night";
    for (std::size_t word = 0; word < i % 8; ++word) text += " engine";
    texts.push_back(text);
  }
  return texts;
}

// Bytes that are allocated in this process.
std::int64_t heap() {
#ifdef __GLIBC__
  const auto info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
#else
  return 0;
#endif
}

struct Peak {
  std::int64_t workspace = 0;  // what the runtime counts
  std::int64_t heap = 0;       // everything, since the call began
  std::int64_t passes = 0;
};

// The most that a task takes between its passes over `count` texts; call(texts, options) runs it.
template <class Options, class Call>
Peak peak_of(const Model& model, std::size_t count, Call&& call) {
  const auto texts = many_texts(count);
  Peak peak;
  const std::int64_t before = heap();
  Options options;
  options.input.progress = [&](std::int64_t, std::int64_t total) {
    CHECK(total == static_cast<std::int64_t>(count));
    peak.workspace = std::max(peak.workspace, model.runtime().memory_used());
    peak.heap = std::max(peak.heap, heap() - before);
    ++peak.passes;
  };
  call(texts, options);
  return peak;
}

template <class Options, class Call>
void check_flat(const std::string& name, Call&& call) {
  CAPTURE(name);
  const Model model(tests::golden("tasks_" + name).string(),
                    {.compute_type = "f32", .runtime = Runtime({.threads = 1})});
  const auto run = [&](const std::vector<Input>& texts, const Options& options) {
    call(model, texts, options);
  };
  const Peak few = peak_of<Options>(model, 1000, run), many = peak_of<Options>(model, 10000, run);
  CHECK(few.passes > 5);
  CHECK(many.passes > 9 * few.passes);
  CHECK(many.workspace < few.workspace + few.workspace / 10);
  // Results grow: by 100 to 300 bytes a text. Its hidden states alone would be a thousand.
  constexpr std::int64_t kResult = 400;
  CHECK(many.heap - few.heap < 9000 * kResult);
  MESSAGE(name, ": workspace ", many.workspace, " bytes, heap ", few.heap, " for 1,000 and ",
          many.heap, " for 10,000");
}

TEST_CASE("10,000 texts take no more memory than 1,000, but for the results") {
  check_flat<EmbedOptions>("embed", [](const Model& model, const auto& texts, const auto& options) {
    CHECK(model.embed(texts, options).rows == std::ssize(texts));
  });
  check_flat<ClassifyOptions>("entail",
                              [](const Model& model, const auto& texts, const auto& options) {
                                CHECK(model.classify(texts, options).size() == texts.size());
                              });
  check_flat<ScoreOptions>("continue",
                           [](const Model& model, const auto& texts, const auto& options) {
                             CHECK(model.score(texts, options).size() == texts.size());
                           });
}

}  // namespace
}  // namespace loquor
