// Files with random damage: an Error or success, and values that can be read, whatever the bytes.
#include <doctest/doctest.h>

#include <random>

#include "io/failure.h"
#include "io/gguf.h"
#include "io/gguf_writer.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"

namespace loquor {
namespace {

// One to four bytes replaced: by any byte, by an extreme one, or by a copy of another byte of the
// file.
std::string damaged(std::string file, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
    char& byte = file[below(file.size())];
    constexpr char kExtremes[] = {'\0', '\1', '\x7f', '\x80', '\xff'};
    switch (below(3)) {
      case 0:
        byte = static_cast<char>(random());
        break;
      case 1:
        byte = kExtremes[below(std::size(kExtremes))];
        break;
      default:
        byte = file[below(file.size())];
    }
  }
  return file;
}

float sum_of_values(const Checkpoint& checkpoint) {
  float sum = 0;
  for (const StoredTensor& tensor : checkpoint) {
    for (const float value : to_floats(tensor)) sum += value;
  }
  return sum;
}

// How many of 20,000 damaged copies are refused; each of the others is read in full.
template <class Read>
int refused(const std::string& file, Read read) {
  std::mt19937 random(3);
  int count = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string copy = damaged(file, random);
    const Bytes bytes = Bytes::borrow(std::as_bytes(std::span(copy)));
    try {
      read(bytes);
    } catch (const Error& error) {
      CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
      ++count;
    }
  }
  return count;
}

TEST_CASE("a damaged safetensors file is refused or read, never worse") {
  const std::string file = tests::SafetensorsWriter()
                               .metadata("format", "pt")
                               .add("model.embed.weight", {2, 3}, {1, 2, 3, 4, 5, 6})
                               .add("b", "BF16", {4}, "12345678")
                               .add("c", "I8", {2, 2}, "1234")
                               .bytes();
  const int count = refused(
      file, [](const Bytes& bytes) { sum_of_values(read_safetensors(bytes, "m.safetensors")); });
  CHECK(count > 5'000);
  CHECK(count < 20'000);
}

TEST_CASE("a damaged GGUF file is refused or read, never worse") {
  tests::GgufWriter writer;
  writer.alignment = 64;
  writer.add("general.architecture", "llama").add("llama.block_count", 2u).add("llama.eps", 1e-5f);
  writer.add("tokenizer.ggml.tokens", std::vector<std::string>{"<s>", "a", "bc"});
  writer.add("tokenizer.ggml.scores", std::vector<float>{0, 1, 2})
      .add("flags", std::vector<bool>{true, false});
  writer.tensor("a", {2, 3}, {1, 2, 3, 4, 5, 6}).tensor("b", {2, 32}, 3, std::string(40, '7'));
  writer.tensor("c", {256}, 12, std::string(144, '9'));
  const int count = refused(writer.bytes(), [](const Bytes& bytes) {
    const GgufFile gguf = read_gguf(bytes, "m.gguf");
    sum_of_values(gguf.tensors);
    for (const std::string_view key : gguf.metadata.keys()) {
      // Of these only the one of the right kind succeeds.
      tests::failure_of([&] { gguf.metadata.number(key); });
      tests::failure_of([&] { gguf.metadata.numbers(key); });
      tests::failure_of([&] { gguf.metadata.strings(key); });
      tests::failure_of([&] { gguf.metadata.booleans(key); });
    }
  });
  CHECK(count > 5'000);
  CHECK(count < 20'000);
}

}  // namespace
}  // namespace loquor
