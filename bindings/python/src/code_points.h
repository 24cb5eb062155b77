// Bytes of UTF-8 to characters of a str.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "loquor/tokenizer.hpp"

namespace loquor::python {

/// Byte offsets as those of a str, in code points. A token that begins or ends inside of a
/// character covers it.
class CodePoints {
 public:
  explicit CodePoints(const std::string& text) : before_(text.size() + 1) {
    for (std::size_t i = 0; i < text.size(); ++i)
      before_[i + 1] = before_[i] + ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80);
  }
  // Characters that begin before a byte.
  std::int64_t up_to(std::int64_t byte) const { return before_[static_cast<std::size_t>(byte)]; }
  std::pair<std::int64_t, std::int64_t> range(const ByteRange& bytes) const {
    if (bytes.begin == bytes.end) return {up_to(bytes.begin), up_to(bytes.begin)};
    return {up_to(bytes.begin + 1) - 1, up_to(bytes.end)};
  }

 private:
  std::vector<std::int64_t> before_;
};

}  // namespace loquor::python
