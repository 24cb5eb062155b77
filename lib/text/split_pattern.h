// The regular expressions by which tokenizers cut text into words, each as a scanner written by
// hand: linear, no backtracking.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace loquor {

/// Where the match that starts at `begin` ends; `begin` where none does. `text` is valid UTF-8 and
/// `begin` < text.size() is a character's start. That none starts is found in constant time.
using Scanner = std::size_t (*)(std::string_view text, std::size_t begin) noexcept;

/// '|s|t|re|... letters, numbers, others, each with a space before: GPT-2.
std::size_t scan_gpt2(std::string_view text, std::size_t begin) noexcept;
/// Up to three digits a word; letters with any one sign before: Llama 3 (and cl100k).
std::size_t scan_llama3(std::string_view text, std::size_t begin) noexcept;
/// The same with one digit a word: Qwen2.
std::size_t scan_qwen2(std::string_view text, std::size_t begin) noexcept;
/// Numbers, up to three digits each, and nothing else: the first that DeepSeek-V3 cuts out.
std::size_t scan_numbers(std::string_view text, std::size_t begin) noexcept;
/// Runs of Chinese characters and kana, and nothing else: its second.
std::size_t scan_han_kana(std::string_view text, std::size_t begin) noexcept;
/// Letters with their marks, punctuation with symbols, white space: its third.
std::size_t scan_deepseek_v3(std::string_view text, std::size_t begin) noexcept;

/// The scanner of a regular expression that is known, letter by letter.
std::optional<Scanner> find_scanner(std::string_view pattern) noexcept;

}  // namespace loquor
