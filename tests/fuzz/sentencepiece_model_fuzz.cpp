// Any bytes as a SentencePiece model: an Error, or a tokenizer that encodes and decodes.
#include "loquor/error.hpp"
#include "loquor/tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto tokenizer =
        loquor::Tokenizer::from_sentencepiece({reinterpret_cast<const std::byte*>(data), size});
    const auto encoding = tokenizer.encode_with_offsets(
        "Some  text\u3000\uFB01 ab <sep>\u2581 12\u2460 tool... \U0001F600 ", {true, true});
    tokenizer.decode(encoding.ids);
    tokenizer.decode(encoding.ids, false);
  } catch (const loquor::Error&) {
  }
  return 0;
}
