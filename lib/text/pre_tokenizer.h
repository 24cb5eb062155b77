// Pre-tokenizers: they cut a text into the words that the model then works on one by one.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "text/aligned_text.h"
#include "text/split_pattern.h"

namespace loquor {

/// A text and the words that it is cut into, ascending; bytes between words are dropped.
struct Words {
  struct Word {
    std::uint32_t begin, end;
  };
  explicit Words(AlignedText whole);
  std::string_view word(const Word& range) const noexcept {
    return text.text().substr(range.begin, range.end - range.begin);
  }
  AlignedText text;
  std::vector<Word> words;
  bool cut = false;  // whether something has cut the text
};

/// What becomes of the delimiters that a Split finds.
enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

/// Cuts by a known regular expression. What lies between two matches is a word too, or dropped.
struct SplitByPattern {
  Scanner scanner;
  bool drop_between = false;
  void apply(Words& words) const;
};

/// Cuts at each occurrence of a string.
struct SplitAtText {
  std::string delimiter;
  SplitBehavior behavior;
  void apply(Words& words) const;
};

/// Cuts digits from all else: each one alone, or runs of them.
struct SplitDigits {
  bool individual;
  void apply(Words& words) const;
};

/// Replaces each byte by its character of the byte-level alphabet, after an optional space in front
/// and cut.
struct ByteLevel {
  bool add_prefix_space;
  bool use_regex;
  void apply(Words& words) const;
};

/// Writes U+2581 (or another character) for spaces and in front of words (first: of that at the
/// front of the caller's text), and cuts in front of each.
struct Metaspace {
  enum class Prepend { always, first, never };
  std::string replacement;
  Prepend prepend;
  bool split;
  void apply(Words& words) const;
};

/// Cuts at white space, which it drops.
struct SplitWhiteSpace {
  void apply(Words& words) const;
};

/// BERT's: cuts at white space, and each punctuation character is a word.
struct SplitBert {
  void apply(Words& words) const;
};

using PreTokenizer = std::variant<SplitByPattern, SplitAtText, SplitDigits, SplitWhiteSpace,
                                  SplitBert, ByteLevel, Metaspace>;

/// Whether the steps look at where in the caller's text a word begins.
bool need_sources(const std::vector<PreTokenizer>& steps) noexcept;

/// Reads tokenizer.json's "pre_tokenizer"; a Sequence is flattened. Refuses what it does not know.
std::vector<PreTokenizer> parse_pre_tokenizer(const Json& json);

}  // namespace loquor
