// Attentions of every golden model against transformers (tests/golden/make_attentions.py).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data.h"
#include "decode/session_impl.h"
#include "golden_copy.h"

namespace loquor::tests {
namespace {

const Checkpoint& all_expected() {
  static const Checkpoint expected = read_safetensors(golden("attentions.safetensors"));
  return expected;
}

void check_values(std::span<const float> found, const StoredTensor& expected) {
  const std::vector<float> wanted = to_floats(expected);
  REQUIRE(found.size() == wanted.size());
  double most = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    most = std::max(most, static_cast<double>(std::abs(found[i] - wanted[i])));
    if (wanted[i] == 0 && found[i] != 0) FAIL_CHECK("not exactly 0: ", found[i]);
  }
  CHECK(most <= 2e-5);
}

std::vector<float> row_of(const AttentionWeights& layer, std::int64_t head, std::int64_t row) {
  const float* begin = layer.values.data() + (head * layer.rows + row) * layer.positions;
  return {begin, begin + layer.positions};
}

void check_sums(const AttentionWeights& layer) {
  for (std::int64_t i = 0; i < layer.heads * layer.rows; ++i) {
    double sum = 0;
    for (const float value : row_of(layer, 0, i)) sum += value;
    if (std::abs(sum - 1) > 1e-6) FAIL_CHECK("row ", i, " adds up to ", sum);
  }
}

/// The layers of a model's kind of attention.
class Expected {
 public:
  Expected(const std::string& model, const std::string& kind) {
    for (int layer = 0;; ++layer) {
      const StoredTensor* tensor =
          all_expected().find(model + "." + kind + "." + std::to_string(layer));
      if (!tensor) break;
      layers_.push_back(tensor);
    }
  }
  bool empty() const { return layers_.empty(); }
  std::int64_t rows() const { return layers_.front()->shape[1]; }

  void compare(const std::vector<AttentionWeights>& found) const {
    REQUIRE(found.size() == layers_.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(i);
      const AttentionWeights& layer = found[i];
      REQUIRE(layers_[i]->shape ==
              std::vector<std::int64_t>{layer.heads, layer.rows, layer.positions});
      check_values(layer.values, *layers_[i]);
      check_sums(layer);
    }
  }
  /// One row of each layer, which is all that is expected, (H, positions).
  void compare_row(const std::vector<AttentionWeights>& found, std::int64_t row) const {
    REQUIRE(found.size() == layers_.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      CAPTURE(i);
      std::vector<float> rows;
      for (std::int64_t head = 0; head < found[i].heads; ++head) {
        const std::vector<float> own = row_of(found[i], head, row);
        rows.insert(rows.end(), own.begin(), own.end());
      }
      check_values(rows, *layers_[i]);
      check_sums(found[i]);
    }
  }

 private:
  std::vector<const StoredTensor*> layers_;
};

std::vector<std::int32_t> first_ids(const std::string& model, const char* name,
                                    std::int64_t count) {
  const Checkpoint values = read_safetensors(golden(model) / "expected.safetensors");
  std::vector<std::int32_t> out;
  for (const float id : to_floats(values.at(name))) out.push_back(static_cast<std::int32_t>(id));
  REQUIRE(std::ssize(out) >= count);
  out.resize(static_cast<std::size_t>(count));
  return out;
}

std::vector<std::int32_t> long_ids(const Model& model) {
  std::vector<std::int32_t> out;
  for (std::int64_t i = 0; i < 600; ++i)
    out.push_back(static_cast<std::int32_t>((7 * i * i + 13 * i) % model.info().vocabulary));
  return out;
}

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& folder : std::filesystem::directory_iterator(golden("."))) {
    if (std::filesystem::exists(folder.path() / "expected.safetensors") &&
        std::filesystem::exists(folder.path() / "config.json"))
      names.push_back(folder.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Model open(const std::string& path, const char* compute = "f32", int threads = 2) {
  return Model(
      path,
      {.compute_type = compute, .cache_type = compute, .runtime = Runtime({.threads = threads})});
}

bool same(const std::vector<AttentionWeights>& a, const std::vector<AttentionWeights>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& one, const auto& two) { return one.values == two.values; });
}

TEST_CASE("attentions of every golden model are transformers', and exactly 0 where unseen") {
  int compared = 0;
  for (const std::string& name : golden_names()) {
    CAPTURE(name);
    const Expected own(name, "attentions"), decoder(name, "decoder_attentions");
    if (own.empty()) continue;  // another head on blocks that are compared
    ++compared;
    const Model model = open(golden(name).string());
    const auto ids = first_ids(name, "ids", own.rows());
    own.compare(model.attentions(ids));
    if (decoder.empty()) continue;
    const auto decoder_ids = first_ids(name, "decoder_ids", decoder.rows());
    decoder.compare(model.attentions(ids, decoder_ids));
    Expected(name, "cross_attentions").compare(model.cross_attentions(ids, decoder_ids));
  }
  CHECK(compared >= 53);
}

TEST_CASE("attentions of a sequence that is read in chunks are those of the whole") {
  const Copy copy("qwen2_window");
  copy.config([](Json& config) { config["max_position_embeddings"] = 700; });
  const Model model = open(copy.path());
  const auto ids = long_ids(model);
  const auto found = model.attentions(ids);
  for (const std::int64_t row : {512, 599})
    Expected("qwen2_window", "attentions.row_" + std::to_string(row)).compare_row(found, row);
  // Rows before are those of a shorter sequence, to the bit.
  const auto shorter = model.attentions(std::span(ids).first(530));
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const std::int64_t row : {0, 300, 511, 529}) {
      std::vector<float> whole = row_of(found[i], 1, row);
      whole.resize(530);
      CHECK(whole == row_of(shorter[i], 1, row));
    }
  }

  const Model t5 = open(golden("t5").string());
  const auto source = first_ids("t5", "ids", 11), decoder_ids = long_ids(t5);
  Expected("t5", "decoder_attentions.row_599").compare_row(t5.attentions(source, decoder_ids), 599);
  Expected("t5", "cross_attentions.row_599")
      .compare_row(t5.cross_attentions(source, decoder_ids), 599);
}

TEST_CASE("attentions have the same bits with one thread or two") {
  for (const char* name : {"gemma2", "deepseek_v3", "modernbert", "xlnet", "t5"}) {
    for (const char* compute : {"f32", "bf16"}) {
      CAPTURE(name);
      CAPTURE(compute);
      const Model one = open(golden(name).string(), compute, 1);
      const Model two = open(golden(name).string(), compute, 2);
      const auto ids = first_ids(name, "ids", 23);
      CHECK(same(one.attentions(ids), two.attentions(ids)));
      if (std::string(name) != "t5") continue;
      const auto own = first_ids(name, "decoder_ids", 9);
      CHECK(same(one.attentions(ids, own), two.attentions(ids, own)));
      CHECK(same(one.cross_attentions(ids, own), two.cross_attentions(ids, own)));
    }
  }
}

/// Keeps hidden states, and asks for attentions or not.
struct Onlooker : Taps {
  explicit Onlooker(bool also_attentions) : asks(also_attentions) {}
  bool wants(std::string_view) const override { return asks; }
  void see(std::string_view name, std::int64_t, const Tensor& value) override {
    if (name != "hidden") {
      ++attentions;
    } else {
      hidden.insert(hidden.end(), value.data(), value.data() + value.size());
    }
  }
  bool asks;
  int attentions = 0;
  std::vector<float> hidden;
};

TEST_CASE("hidden states are the same to the bit where attentions are asked for") {
  for (const char* name : {"mistral", "gemma2", "t5", "bart"}) {
    CAPTURE(name);
    const Model model = open(golden(name).string());
    const bool has_source = model.impl()->transformer().spec().encoder.has_value();
    std::vector<float> first;
    for (const bool asks : {false, true}) {
      Session session(model);
      if (has_source) session.encode(first_ids(name, "ids", 20));
      Onlooker onlooker(asks);
      session.impl().context.taps = &onlooker;
      session.impl().read(first_ids(name, has_source ? "decoder_ids" : "ids", 11),
                          [](const Tensor&, std::int64_t) {});
      const auto depth =
          static_cast<int>(model.impl()->transformer().spec().decoder->blocks.size());
      CHECK(onlooker.attentions == (asks ? depth * (has_source ? 2 : 1) : 0));
      if (!asks) first = onlooker.hidden;
      CHECK(onlooker.hidden == first);
    }
  }
}

template <class Function>
void check_error(Code code, const std::string& message, Function&& fn) {
  try {
    fn();
    FAIL_CHECK("no error, expected ", message);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()) == message);
  }
}

TEST_CASE("attentions that are too large fail before anything is computed") {
  const Runtime runtime({.threads = 1, .memory_limit = 64 << 20});
  const Model model(golden("t5_encoder").string(), {.compute_type = "f32", .runtime = runtime});
  const std::int64_t used = runtime.memory_used();
  check_error(Code::out_of_memory,
              "attentions needs 324000000 bytes, but " + std::to_string((64 << 20) - used) +
                  " are left of the memory_limit of 67108864",
              [&] { model.attentions(std::vector<std::int32_t>(3000, 7)); });
  CHECK(runtime.memory_used() == used);
  CHECK(model.attentions(std::vector<std::int32_t>(30, 7)).size() == 3);
  CHECK(runtime.memory_used() == used);
  const Model free = open(golden("t5_encoder").string());
  check_error(Code::out_of_memory,
              "attentions of 20000 rows to 20000 positions in 9 heads of all layers are too large: "
              "expected at most 8589934592 bytes",
              [&] { free.attentions(std::vector<std::int32_t>(20000, 7)); });
}

TEST_CASE("attentions of what a model does not have are refused") {
  const std::vector<std::int32_t> ids = {5, 6, 7}, none, beyond = {5, 1000};
  const Model bart = open(golden("bart").string()), bert = open(golden("bert").string()),
              llama = open(golden("llama").string());
  check_error(Code::unsupported, "this model is encoder-only: it has no cross_attentions",
              [&] { bert.cross_attentions(ids, ids); });
  check_error(Code::unsupported, "this model is decoder-only: it has no cross_attentions",
              [&] { llama.cross_attentions(ids, ids); });
  check_error(Code::unsupported, "this model is decoder-only: it has no attentions of decoder_ids",
              [&] { llama.attentions(ids, ids); });
  for (const Model& model : {bart, bert, llama}) {
    check_error(Code::invalid_argument, "no token ids were given, expected at least one",
                [&] { model.attentions(none); });
    CHECK_THROWS_AS(model.attentions(beyond), Error);
  }
  check_error(Code::invalid_argument, "no token ids were given, expected at least one",
              [&] { bart.cross_attentions(ids, none); });
  check_error(Code::context_full, "41 tokens do not fit: the model has 40 positions",
              [&] { bert.attentions(std::vector<std::int32_t>(41, 7)); });
  check_error(Code::context_full, "41 tokens do not fit: 0 of 40 positions are in use",
              [&] { bart.attentions(ids, std::vector<std::int32_t>(41, 7)); });
  check_error(Code::context_full, "65 tokens do not fit: 0 of 64 positions are in use",
              [&] { llama.attentions(std::vector<std::int32_t>(65, 7)); });
  Cancel cancel;
  cancel.cancel();
  check_error(Code::cancelled, "the forward pass was cancelled",
              [&] { bart.cross_attentions(ids, ids, cancel); });
}

}  // namespace
}  // namespace loquor::tests
