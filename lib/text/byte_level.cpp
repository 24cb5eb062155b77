// Bytes that print stand for themselves; the others take U+0100 onwards, in order.
#include "text/byte_level.h"

#include <array>

#include "base/utf8.h"

namespace loquor::byte_level {
namespace {

constexpr bool prints(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  struct Character {
    std::array<char, 2> utf8{};
    std::size_t size = 0;
  };
  std::array<Character, 256> characters{};
  std::array<std::int16_t, 0x144> bytes{};
};

constexpr Alphabet kAlphabet = [] {
  Alphabet alphabet;
  alphabet.bytes.fill(-1);
  unsigned next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const unsigned character = prints(byte) ? byte : next++;
    alphabet.bytes[character] = static_cast<std::int16_t>(byte);
    if (character < 0x80) {
      alphabet.characters[byte] = {{static_cast<char>(character)}, 1};
    } else {
      alphabet.characters[byte] = {
          {static_cast<char>(0xC0 | character >> 6), static_cast<char>(0x80 | (character & 0x3F))},
          2};
    }
  }
  return alphabet;
}();

}  // namespace

std::string_view character(unsigned char byte) noexcept {
  const auto& found = kAlphabet.characters[byte];
  return {found.utf8.data(), found.size};
}

std::optional<unsigned char> byte(char32_t character) noexcept {
  if (character >= kAlphabet.bytes.size() || kAlphabet.bytes[character] < 0) return std::nullopt;
  return static_cast<unsigned char>(kAlphabet.bytes[character]);
}

std::string encode(std::string_view bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) out += character(static_cast<unsigned char>(c));
  return out;
}

void decode(std::string_view token, std::string& out) {
  const std::size_t start = out.size();
  for (std::size_t position = 0; position < token.size();) {
    const auto value = byte(next_code_point(token, position));
    if (!value) {
      out.resize(start);
      out += token;
      return;
    }
    out += static_cast<char>(*value);
  }
}

}  // namespace loquor::byte_level
