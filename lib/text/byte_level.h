// The byte-level alphabet of GPT-2: every byte has a printable character, so that a vocabulary is
// plain text. https://github.com/openai/gpt-2/blob/master/src/encoder.py (bytes_to_unicode)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loquor::byte_level {

/// The character that stands for a byte, in UTF-8: one or two bytes.
std::string_view character(unsigned char byte) noexcept;
/// The byte that a character stands for.
std::optional<unsigned char> byte(char32_t character) noexcept;

std::string encode(std::string_view bytes);
/// Appends the bytes of a token; a token with a character that is not of the alphabet stands for
/// itself.
void decode(std::string_view token, std::string& out);

}  // namespace loquor::byte_level
