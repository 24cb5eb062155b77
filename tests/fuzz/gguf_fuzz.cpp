// Any bytes as a GGUF file: an Error, or tensors and metadata that can be read.
#include "io/gguf.h"
#include "loquor/error.hpp"

namespace {

template <class Read>
void try_to(Read read) {
  try {
    read();
  } catch (const loquor::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = loquor::Bytes::borrow({reinterpret_cast<const std::byte*>(data), size});
  try_to([&] {
    // Further files of a split model are the same bytes again.
    const auto file = loquor::read_gguf(input, "m-00001-of-00002.gguf",
                                        [&](const std::string&) { return input; });
    for (const loquor::StoredTensor& tensor : file.tensors) loquor::to_floats(tensor);
    for (const std::string_view key : file.metadata.keys()) {
      try_to([&] { file.metadata.number(key); });
      try_to([&] { file.metadata.boolean(key); });
      try_to([&] { file.metadata.string(key); });
      try_to([&] { file.metadata.strings(key); });
      try_to([&] { file.metadata.integers(key); });
      try_to([&] { file.metadata.numbers(key); });
      try_to([&] { file.metadata.booleans(key); });
    }
  });
  return 0;
}
