// The well-formed sequences are those of table 3-7 of the Unicode standard.
#include "base/utf8.h"

#include <cstring>

#include "base/error.h"

namespace loquor {

namespace {

struct Sequence {
  char32_t code_point;
  std::size_t size;  // bytes of the character, or of the maximal part of one where it is not valid
  bool valid;
  bool truncated;  // not valid, but only because the text ends
};

// What starts at `position`, which is inside the text.
Sequence read_sequence(std::string_view text, std::size_t position) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[position + i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1, true, false};
  if (lead < 0xc2 || lead > 0xf4) return {kReplacementCharacter, 1, false, false};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  const std::size_t available = text.size() - position;
  char32_t code_point = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if (i == available) return {kReplacementCharacter, i, false, true};
    const unsigned next = byte(i);
    if (next < (i == 1 ? low : 0x80) || next > (i == 1 ? high : 0xbf)) {
      return {kReplacementCharacter, i, false, false};
    }
    code_point = code_point << 6 | (next & 0x3f);
  }
  return {code_point, size, true, false};
}

// The first position at or after `position` whose byte is not ASCII.
std::size_t skip_ascii(std::string_view text, std::size_t position) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  for (; position + 8 <= text.size(); position += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + position, 8);
    if (word & kHighBits) break;
  }
  while (position < text.size() && static_cast<unsigned char>(text[position]) < 0x80) ++position;
  return position;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  std::size_t position = 0;
  while ((position = skip_ascii(text, position)) < text.size()) {
    const Sequence sequence = read_sequence(text, position);
    if (!sequence.valid) break;
    position += sequence.size;
  }
  return position;
}

void require_utf8(std::string_view text, std::string_view what) {
  const std::size_t valid = valid_utf8_prefix(text);
  if (valid != text.size()) {
    fail(Code::invalid_argument, what, " is not valid UTF-8 at byte ", valid);
  }
}

char32_t next_code_point(std::string_view text, std::size_t& position) noexcept {
  const Sequence sequence = read_sequence(text, position);
  position += sequence.valid ? sequence.size : 1;
  return sequence.code_point;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&](char32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if ((code_point >= 0xd800 && code_point < 0xe000) || code_point > 0x10ffff) {
    code_point = kReplacementCharacter;
  }
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      put(0xe0 | code_point >> 12);
    } else {
      put(0xf0 | code_point >> 18);
      put(0x80 | (code_point >> 12 & 0x3f));
    }
    put(0x80 | (code_point >> 6 & 0x3f));
  }
  put(0x80 | (code_point & 0x3f));
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) out += next_code_point(text, position);
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t code_point : text) append_utf8(out, code_point);
  return out;
}

std::size_t complete_utf8_prefix(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const std::size_t position = text.size() - back;
    if ((static_cast<unsigned char>(text[position]) & 0xc0) == 0x80) continue;
    return read_sequence(text, position).truncated ? position : text.size();
  }
  return text.size();
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t valid = valid_utf8_prefix(text);
    out += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    append_utf8(out, kReplacementCharacter);
    text.remove_prefix(read_sequence(text, 0).size);
  }
  return out;
}

}  // namespace loquor
