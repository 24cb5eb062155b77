// Python's string methods on Text: what they cut, join and keep keeps its provenance.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/jinja/text.h"

namespace loquor::jinja {

/// Characters are code points; the text is valid UTF-8.
std::int64_t character_count(std::string_view text) noexcept;
std::size_t next_character(std::string_view text, std::size_t at) noexcept;
/// str.isspace() of one character.
bool is_space(char32_t c) noexcept;
/// The byte offset `count` characters after `from`; the end where there are fewer.
std::size_t character_offset(std::string_view text, std::size_t from, std::int64_t count) noexcept;

enum class Side : std::uint8_t { left, right, both };
/// Without `characters`: strips what Python calls white space.
Text strip(const Text& text, std::optional<std::string_view> characters, Side side);
/// At most `limit` cuts (all where negative), from the right where `from_right`. Without separator:
/// at runs of white space.
std::vector<Text> split(const Text& text, std::optional<std::string_view> separator,
                        std::int64_t limit, bool from_right);
std::vector<Text> split_lines(const Text& text);
Text replace(const Text& text, std::string_view old, const Text& replacement, std::int64_t limit);

/// `title` is the filter's, with words apart at white space and brackets; `title_words` is
/// str.title().
enum class Case : std::uint8_t { lower, upper, capitalize, title, title_words };
/// Throws Error(unsupported) for the few characters whose other case is several, or depends on
/// their neighbours.
Text to_case(const Text& text, Case wanted);

/// str.islower() and str.isupper(); str.isdigit().
bool is_case(std::string_view text, bool upper) noexcept;
bool is_digits(std::string_view text);

/// Python's repr() of a string.
Text repr(const Text& text);

}  // namespace loquor::jinja
