// UTF-8: checking, decoding and encoding. Invalid input is reported, never read past.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace loquor {

/// Stands for what is not valid text.
inline constexpr char32_t kReplacementCharacter = 0xfffd;

/// Bytes of the longest valid prefix; equals text.size() when all of it is valid (no surrogates, no
/// overlong forms).
std::size_t valid_utf8_prefix(std::string_view text) noexcept;
inline bool is_utf8(std::string_view text) noexcept {
  return valid_utf8_prefix(text) == text.size();
}
/// Throws Error(invalid_argument) "<what> is not valid UTF-8 at byte N" unless text is valid.
void require_utf8(std::string_view text, std::string_view what);
/// The code point at `position` < text.size(), which moves past it. An invalid byte gives U+FFFD
/// and moves by one.
char32_t next_code_point(std::string_view text, std::size_t& position) noexcept;
/// Appends U+FFFD for a surrogate or anything beyond U+10FFFF.
void append_utf8(std::string& out, char32_t code_point);
std::u32string to_utf32(std::string_view text);
std::string to_utf8(std::u32string_view text);
/// The length of the longest prefix that does not end inside a character still to be completed:
/// what a stream may emit.
std::size_t complete_utf8_prefix(std::string_view text) noexcept;
/// text with each invalid sequence (maximal subpart, as Python's errors="replace") replaced by
/// U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace loquor
