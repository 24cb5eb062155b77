// Any bytes as a tokenizer.json: an Error, or a tokenizer that encodes and decodes.
#include "loquor/error.hpp"
#include "loquor/tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokenizer =
        loquor::Tokenizer::from_json(input, R"({"bos_token": "a", "add_bos_token": true})");
    const auto encoding = tokenizer.encode_with_offsets(
        "It's  12345 \u00C9\u0301t\u00E9,\n\u4F60\u2581<s> <tool>\U0001F600 ", {true, true});
    tokenizer.decode(encoding.ids);
    tokenizer.decode(encoding.ids, false);
  } catch (const loquor::Error&) {
  }
  return 0;
}
