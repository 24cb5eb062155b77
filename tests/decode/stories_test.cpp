// stories260K of llama2.c: its own file, turned into a GGUF in memory, gives its 200 published
// tokens.
#include <doctest/doctest.h>

#include <cstring>

#include "base/bytes.h"
#include "data.h"
#include "io/gguf_writer.h"
#include "loquor/model.hpp"

namespace loquor {
namespace {

// Reads numbers one after another.
class Binary {
 public:
  explicit Binary(const std::filesystem::path& path) : bytes_(Bytes::map(path)) {}
  template <class T>
  T take() {
    T value;
    std::memcpy(&value, bytes_.slice(at_, sizeof(T)).data(), sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  std::string text(std::size_t size) {
    at_ += size;
    return std::string(bytes_.slice(at_ - size, size).view());
  }
  std::vector<float> floats(std::int64_t count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    const std::string bytes = text(values.size() * sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

 private:
  Bytes bytes_;
  std::uint64_t at_ = 0;
};

// llama2.c writes each kind of weight for all layers together: https://github.com/karpathy/llama2.c
// (export.py).
void add_weights(Binary& in, tests::GgufWriter& out) {
  const auto dim = in.take<std::int32_t>(), hidden = in.take<std::int32_t>(),
             layers = in.take<std::int32_t>(), heads = in.take<std::int32_t>(),
             kv_heads = in.take<std::int32_t>(), vocabulary = in.take<std::int32_t>(),
             positions = in.take<std::int32_t>();
  const auto u32 = [](std::int32_t value) { return static_cast<std::uint32_t>(value); };
  out.add("general.architecture", "llama");
  out.add("llama.embedding_length", u32(dim)).add("llama.feed_forward_length", u32(hidden));
  out.add("llama.block_count", u32(layers)).add("llama.attention.head_count", u32(heads));
  out.add("llama.attention.head_count_kv", u32(kv_heads))
      .add("llama.context_length", u32(positions));
  out.add("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  const std::int64_t kv = dim / heads * kv_heads;
  out.tensor("token_embd.weight", {vocabulary, dim}, in.floats(std::int64_t{vocabulary} * dim));
  const auto each_layer = [&](const std::string& name, std::vector<std::int64_t> shape) {
    const std::int64_t size = shape.size() == 2 ? shape[0] * shape[1] : shape[0];
    for (int layer = 0; layer < layers; ++layer) {
      out.tensor("blk." + std::to_string(layer) + "." + name + ".weight", shape, in.floats(size));
    }
  };
  each_layer("attn_norm", {dim});
  each_layer("attn_q", {dim, dim});
  each_layer("attn_k", {kv, dim});
  each_layer("attn_v", {kv, dim});
  each_layer("attn_output", {dim, dim});
  each_layer("ffn_norm", {dim});
  each_layer("ffn_gate", {hidden, dim});
  each_layer("ffn_down", {dim, hidden});
  each_layer("ffn_up", {hidden, dim});
  out.tensor("output_norm.weight", {dim}, in.floats(dim));
}

void add_vocabulary(Binary& in, tests::GgufWriter& out) {
  std::vector<std::string> tokens;
  std::vector<float> scores;
  std::vector<std::int32_t> types;
  in.take<std::int32_t>();  // the longest token
  for (int id = 0; id < 512; ++id) {
    scores.push_back(in.take<float>());
    std::string token = in.text(static_cast<std::size_t>(in.take<std::int32_t>()));
    for (std::size_t at; (at = token.find(' ')) != std::string::npos;)
      token.replace(at, 1, "\u2581");
    if (id == 1) token = "<s>";
    if (id == 2) token = "</s>";
    tokens.push_back(token);
    types.push_back(id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1);
  }
  out.add("tokenizer.ggml.model", "llama").add("tokenizer.ggml.tokens", tokens);
  out.add("tokenizer.ggml.scores", scores).add("tokenizer.ggml.token_type", types);
  out.add("tokenizer.ggml.bos_token_id", std::uint32_t{1})
      .add("tokenizer.ggml.eos_token_id", std::uint32_t{2});
}

TEST_CASE("stories260K tells its published story") {
  const auto weights = tests::shared_data("stories260K/stories260K.bin");
  if (weights.empty()) return tests::skipped("shared test data: stories260K");
  tests::GgufWriter writer;
  Binary vocabulary(tests::shared_data("stories260K/tok512.bin")), tensors(weights);
  add_vocabulary(vocabulary, writer);
  add_weights(tensors, writer);
  const std::string file = writer.bytes();
  const Model model = Model::from_memory(std::as_bytes(std::span(file)), {.compute_type = "f32"});
  std::string story = read_text(tests::shared_data("stories260K/expected_greedy_200.txt"));
  while (!story.empty() && story.back() == '\n') story.pop_back();
  CHECK(model.generate(std::vector<std::int32_t>{1}, {.max_new_tokens = 200, .do_sample = false})
            .text == story);
}

}  // namespace
}  // namespace loquor
