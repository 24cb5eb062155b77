// Encoders, encoder-decoders, and all heads, against transformers: two inputs as one packed batch.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <tuple>

#include "base/bytes.h"
#include "data.h"
#include "golden_copy.h"
#include "io/safetensors.h"
#include "loquor/generation.hpp"
#include "loquor/model.hpp"
#include "loquor/session.hpp"
#include "nn/agreement.h"
#include "nn/loader.h"

namespace loquor {
namespace {

// The inputs of a golden model, its values, and those found for the same.
class Comparison {
 public:
  Comparison(const std::filesystem::path& model, const std::filesystem::path& expected)
      : expected_(read_safetensors(expected)),
        model_(load_model(model.string(), {.compute_type = "f32"})),
        context_(model_.runtime) {}

  /// The largest difference, in units of the largest value of its kind.
  double run() {
    const ModelSpec& spec = model_.transformer->spec();
    auto [ids, segments] = pack("ids");
    const auto [types, type_segments] = pack("types");
    KeyValueCache first(model_.runtime, model_.cross_cache), second = first;
    std::vector<KeyValueCache*> encoded;
    Tensor hidden;
    if (spec.encoder) {
      HiddenStates states(spec.decoder ? "encoder_hidden" : "hidden");
      context_.taps = &states;
      hidden = transformer().encode(context_, ids, types, segments);
      compare(spec.decoder ? "encoder_hidden_states" : "hidden_states", states);
    }
    if (spec.encoder && spec.decoder) {
      encoded = {&first, &second};
      transformer().remember(context_, hidden, segments, encoded);
      std::tie(ids, segments) = pack("decoder_ids");
    }
    if (spec.decoder) {
      HiddenStates states("hidden");
      context_.taps = &states;
      KeyValueCache own(model_.runtime, model_.cache), other = own;
      PackedBatch batch{segments, {&own, &other}, {encoded.begin(), encoded.end()}};
      hidden = transformer().forward(context_, ids, batch);
      compare("hidden_states", states);
    }
    if (spec.head) compare("logits", transformer().pooled_logits(context_, hidden, segments));
    return largest_;
  }

 private:
  struct HiddenStates : Taps {
    explicit HiddenStates(const char* wanted) : name(wanted) {}
    void see(std::string_view tap, std::int64_t index, const Tensor& value) override {
      if (tap != name) return;
      CHECK(index == std::ssize(states));
      states.push_back(value);
    }
    std::string name;
    std::vector<Tensor> states;
  };

  const Transformer& transformer() const { return *model_.transformer; }

  // Both inputs end to end; nothing where the model takes none of that name.
  std::pair<std::vector<std::int32_t>, Segments> pack(const std::string& name) const {
    std::vector<std::int32_t> ids;
    Segments segments;
    for (const std::string& part : {name, name + "_b"}) {
      const StoredTensor* tensor = expected_.find(part);
      if (!tensor) continue;
      const std::vector<float> values = to_floats(*tensor);
      for (const float value : values) ids.push_back(static_cast<std::int32_t>(value));
      segments.add(std::ssize(values), 0);
    }
    return {ids, segments};
  }

  void compare(const std::string& name, const HiddenStates& found) {
    for (std::size_t i = 0; i < found.states.size(); ++i)
      compare(name + "." + std::to_string(i), found.states[i]);
    CHECK(!expected_.find(name + "." + std::to_string(found.states.size())));
  }

  void compare(const std::string& name, const Tensor& found) {
    CAPTURE(name);
    std::vector<float> both = to_floats(expected_.at(name));
    const std::vector<float> other = to_floats(expected_.at(name + "_b"));
    both.insert(both.end(), other.begin(), other.end());
    REQUIRE(found.size() == std::ssize(both));
    double most = 0, scale = 0;
    for (std::size_t i = 0; i < both.size(); ++i) {
      most = std::max(most, static_cast<double>(std::abs(found.data()[i] - both[i])));
      scale = std::max(scale, static_cast<double>(std::abs(both[i])));
    }
    CHECK(most <= 2e-5 * scale);
    largest_ = std::max(largest_, most / scale);
  }

  Checkpoint expected_;
  LoadedModel model_;
  Context context_;
  double largest_ = 0;
};

// The folders of make_families.py and make_classes.py: those with no loss.
std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& folder : std::filesystem::directory_iterator(tests::golden(""))) {
    const auto values = folder.path() / "expected.safetensors";
    if (!std::filesystem::exists(folder.path() / "config.json") || !std::filesystem::exists(values))
      continue;
    if (!read_safetensors(values).find("loss")) names.push_back(folder.path().filename().string());
  }
  return names;
}

TEST_CASE("every family and class agrees with transformers in a ragged batch") {
  const std::vector<std::string> names = golden_names();
  CHECK(names.size() == 82);
  for (const std::string& name : names) {
    CAPTURE(name);
    try {
      const auto folder = tests::golden(name);
      tests::note_agreement(name, "difference",
                            Comparison(folder, folder / "expected.safetensors").run());
    } catch (const Error& error) {
      FAIL_CHECK(std::string(error.what()));
    }
  }
}

TEST_CASE("GGUF files as llama.cpp's converter writes them give what transformers gives") {
  const auto folder = tests::golden("gguf");
  const auto compare = [&](const std::string& name, const std::filesystem::path& expected) {
    CAPTURE(name);
    try {
      Comparison(folder / (name + ".gguf"), expected).run();
    } catch (const Error& error) {
      FAIL_CHECK(std::string(error.what()));
    }
  };
  for (const char* name :
       {"bert_model", "roberta_sequence", "distilbert_sequence", "modernbert_sequence"})
    compare(name, tests::golden(name) / "expected.safetensors");
  for (const char* name : {"t5", "t5_gated", "t5_encoder"})
    compare(name, folder / (std::string(name) + ".safetensors"));
}

TEST_CASE("a GGUF file says how a decoder begins, and what labels are called") {
  const tests::Copy copy("t5");
  copy.config([](Json& config) { config["relative_attention_max_distance"] = 128; });
  const std::vector<std::int32_t> source = {7, 3, 41, 12};
  const GenerateOptions options{.max_new_tokens = 5, .eos_token_id = std::vector<std::int32_t>{}};
  const auto folder = tests::golden("gguf");
  const auto generated = [&](const std::string& path) {
    return Model(path, {.compute_type = "f32"}).generate(source, options).ids;
  };
  CHECK(generated((folder / "t5.gguf").string()) == generated(copy.path()));
  CHECK(Model::inspect((folder / "roberta_sequence.gguf").string()).labels ==
        std::vector<std::string>{"no", "perhaps", "yes"});
}

TEST_CASE("an encoder-decoder's greedy ids are transformers'") {
  for (const char* name :
       {"t5", "t5_gated", "bart", "mbart", "marian", "pegasus", "m2m_100", "vaswani"}) {
    CAPTURE(std::string(name));
    const Checkpoint expected = read_safetensors(tests::golden(name) / "expected.safetensors");
    std::vector<std::int32_t> source;
    for (const float id : to_floats(expected.at("ids")))
      source.push_back(static_cast<std::int32_t>(id));
    const Json config = Json::parse(read_text(tests::golden(name) / "config.json"));
    const Json& end = config.at("eos_token_id");
    const Json& padding = config.at("pad_token_id");
    const Model model(tests::golden(name).string(), {.compute_type = "f32"});
    Session session(model);
    session.encode(source);
    auto id = static_cast<std::int32_t>(config.at("decoder_start_token_id").as_integer());
    int equal = 0;
    for (const float wanted : to_floats(expected.at("greedy"))) {
      std::vector<float> logits = session.append({&id, 1});
      logits[static_cast<std::size_t>(end.as_integer())] = -INFINITY;
      logits[static_cast<std::size_t>(padding.as_integer())] = -INFINITY;
      for (const std::int32_t used : session.ids())
        logits[static_cast<std::size_t>(used)] = -INFINITY;
      id = static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) -
                                     logits.begin());
      CHECK(id == static_cast<std::int32_t>(wanted));
      equal += id == static_cast<std::int32_t>(wanted);
    }
    tests::note_agreement(name, "greedy", equal);
  }
}

}  // namespace
}  // namespace loquor
