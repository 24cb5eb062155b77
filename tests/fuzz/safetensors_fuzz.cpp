// Any bytes as a safetensors file or, where they begin with a brace, as an index: an Error or
// tensors that can be read.
#include "io/safetensors.h"
#include "loquor/error.hpp"

namespace {

void read_all(const loquor::Checkpoint& checkpoint) {
  for (const loquor::StoredTensor& tensor : checkpoint) loquor::to_floats(tensor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = loquor::Bytes::borrow({reinterpret_cast<const std::byte*>(data), size});
  const auto open = [](const std::string&) {
    return loquor::Bytes::own(std::string("\x02\0\0\0\0\0\0\0{}", 10));
  };
  try {
    if (size != 0 && data[0] == '{') {
      read_all(loquor::read_safetensors_index(input.view(), "index", open));
    } else {
      read_all(loquor::read_safetensors(input, "file"));
    }
  } catch (const loquor::Error&) {
  }
  return 0;
}
