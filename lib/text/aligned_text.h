// Text on its way through a tokenizer's pipeline, and the bytes of the caller's text that each of
// its bytes stands for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"

namespace loquor {

/// A range of bytes of the caller's text. Text that the pipeline inserts has an empty one.
struct Source {
  std::uint32_t begin = 0, end = 0;
};

class AlignedText {
 public:
  /// `part` stands at byte `base` of the caller's text. Sources are kept only when `tracked`.
  AlignedText(std::string_view part, std::size_t base, bool tracked);

  std::string_view text() const noexcept { return text_; }
  std::size_t size() const noexcept { return text_.size(); }
  bool tracked() const noexcept { return tracked_; }
  /// Where this text begins in the caller's.
  std::size_t base() const noexcept { return base_; }
  /// What the bytes [begin, end) stand for; {0, 0} when not tracked.
  Source source(std::size_t begin, std::size_t end) const noexcept;
  /// The part [begin, end), with its sources.
  AlignedText slice(std::size_t begin, std::size_t end) const;

 private:
  friend class Rewrite;
  AlignedText() = default;
  std::string text_;
  std::vector<Source>
      sources_;  // one a byte when tracked; the bytes of a character share the character's
  std::size_t base_ = 0;
  bool tracked_ = false;
};

/// Writes the next form of a text from left to right. Refuses to let hostile rules blow it up.
class Rewrite {
 public:
  explicit Rewrite(const AlignedText& from);
  /// Takes the bytes [begin, end) over as they are.
  void keep(std::size_t begin, std::size_t end);
  /// Writes `with` for the bytes [begin, end); an empty range inserts.
  void replace(std::size_t begin, std::size_t end, std::string_view with);
  /// Writes `with` for the characters [begin, end), one for one; what it has more shares the source
  /// of the last.
  void replace_each(std::size_t begin, std::size_t end, std::string_view with);
  /// Writes `with` for characters up to `end`, as if for the last of them.
  void replace_last(std::size_t end, std::string_view with);
  /// Inserts in front of the character at `begin`, whose source it shares.
  void prepend(std::size_t begin, std::string_view text);
  void append(std::string_view text, Source source);
  std::size_t size() const noexcept { return to_.text_.size(); }
  AlignedText finish();

 private:
  void check_growth(std::size_t more) const;
  const AlignedText& from_;
  AlignedText to_;
};

/// The text written anew: write(c, begin, end, rewrite) for each of its characters, from left to
/// right.
template <class Write>
AlignedText rewrite_characters(const AlignedText& from, Write&& write) {
  Rewrite rewrite(from);
  for (std::size_t begin = 0, end = 0; begin < from.size(); begin = end) {
    const char32_t c = next_code_point(from.text(), end);
    write(c, begin, end, rewrite);
  }
  return rewrite.finish();
}

}  // namespace loquor
