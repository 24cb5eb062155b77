// Text of a template engine that remembers which of its bytes the template itself wrote.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/tokenizer.hpp"

namespace loquor::jinja {

/// UTF-8 and the ranges of it that come from the template: ascending, apart, not empty. At most
/// kMaxBytes long.
class Text {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
  static constexpr std::size_t kMaxRanges = std::size_t{1} << 20;

  Text() = default;
  Text(std::string bytes, bool from_template);

  std::string_view view() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return bytes_.size(); }
  const std::vector<ByteRange>& from_template() const noexcept { return from_template_; }

  /// Throws Error(unsupported) where the text would get longer than kMaxBytes or more patched than
  /// kMaxRanges.
  void append(std::string_view bytes, bool from_template);
  void append(const Text& text) { append(text, 0, text.size()); }
  void append(const Text& text, std::size_t begin, std::size_t end);
  Text slice(std::size_t begin, std::size_t end) const;

  std::string release_bytes() { return std::move(bytes_); }
  std::vector<ByteRange> release_ranges() { return std::move(from_template_); }

 private:
  void mark(std::size_t begin, std::size_t end);
  void require_room(std::size_t more) const;
  std::string bytes_;
  std::vector<ByteRange> from_template_;
};

}  // namespace loquor::jinja
