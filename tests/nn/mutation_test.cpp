// Every option of a spec matters: a model built with one of them changed no longer agrees with
// transformers.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "golden_model.h"
#include "mutations.h"
#include "spec_members.h"

namespace loquor::tests {
namespace {

// Two that differ by one class of head, form of config or storage are one here.
const char* const kModels[] = {"llama",
                               "llama3_rope",
                               "llama_linear_rope",
                               "llama_biases",
                               "llama_yarn",
                               "llama_dynamic",
                               "mistral",
                               "qwen2",
                               "qwen2_window",
                               "gpt2",
                               "qwen3",
                               "gemma",
                               "gemma2",
                               "gemma3",
                               "phi3",
                               "phi3_short",
                               "phi3_long",
                               "glm",
                               "glm4",
                               "mixtral",
                               "qwen3_moe",
                               "deepseek_v3",
                               "qwen3_moe_some",
                               "bert",
                               "bert_sequence",
                               "bert_token",
                               "roberta",
                               "distilbert",
                               "albert",
                               "albert_sequence",
                               "modernbert",
                               "modernbert_sequence",
                               "modernbert_token",
                               "t5",
                               "t5_gated",
                               "bart",
                               "bart_sequence",
                               "xlnet",
                               "mbart",
                               "marian",
                               "pegasus",
                               "m2m_100",
                               "llama3_rope.gguf"};

constexpr double kTolerance = 2e-5;

// How long a session's context is by itself: the equivalence tests of sessions see it.
const std::set<std::string> kOfSessions = {"usual_positions"};

std::vector<GoldenModel> open_all() {
  std::vector<GoldenModel> models;
  for (const char* name : kModels) {
    CAPTURE(std::string(name));
    models.push_back(open_golden(name));
    REQUIRE(difference(models.back(), models.back().spec) <= kTolerance);
  }
  return models;
}

// Whether an option of describe() is that member of all_members().
bool is_of(const std::string& member, const std::string& option) {
  return member.starts_with("*") ? option.ends_with(member.substr(1)) : option == member;
}

TEST_CASE("a spec with any one option changed fails a golden test") {
  const std::vector<GoldenModel> models = open_all();
  std::map<std::string, std::vector<const GoldenModel*>> users;  // of an option
  for (const GoldenModel& model : models) {
    for (const std::string& option : options_of(model.spec)) {
      auto& own = users[option];
      if (own.empty() || own.back() != &model) own.push_back(&model);
    }
  }
  std::map<std::string, int> noticed;
  int pairs = 0;
  for (const Mutation& mutation : all_mutations()) {
    CAPTURE(mutation.option);
    if (!users.contains(mutation.option)) continue;  // such as a cap of cross-attention
    int& count = noticed[mutation.option];
    for (const GoldenModel* model : users[mutation.option]) {
      ModelSpec spec = model->spec;
      mutation.apply(spec);
      count += difference(*model, spec) > kTolerance;
      ++pairs;
    }
    CHECK_MESSAGE(count > 0, "no golden model notices");
  }
  int most = 0;
  for (const auto& user : users) {
    const std::string& option = user.first;
    if (kOfSessions.contains(option)) continue;
    CAPTURE(option);
    CHECK_MESSAGE(noticed.contains(option), "the option is never changed");
  }
  for (const std::string& member : all_members()) {
    if (kOfSessions.contains(member)) continue;
    CAPTURE(member);
    CHECK_MESSAGE(std::any_of(noticed.begin(), noticed.end(),
                              [&](const auto& entry) { return is_of(member, entry.first); }),
                  "no golden model uses the member");
  }
  for (const auto& [option, count] : noticed) most += count;
  MESSAGE(noticed.size(), " options of ", models.size(), " models: ", most, " of ", pairs,
          " changes are noticed");
}

}  // namespace
}  // namespace loquor::tests
