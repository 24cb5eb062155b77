#include "text/jinja/text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/error.h"

namespace loquor::jinja {

Text::Text(std::string bytes, bool from_template) : bytes_(std::move(bytes)) {
  if (bytes_.size() > kMaxBytes) require_room(bytes_.size());
  if (from_template) mark(0, bytes_.size());
}

void Text::append(std::string_view bytes, bool from_template) {
  require_room(bytes.size());
  const std::size_t begin = bytes_.size();
  bytes_ += bytes;
  if (from_template) mark(begin, bytes_.size());
}

void Text::append(const Text& text, std::size_t begin, std::size_t end) {
  require_room(end - begin);
  const std::size_t base = bytes_.size();
  bytes_.append(text.bytes_, begin, end - begin);
  const auto& ranges = text.from_template_;
  const auto first = std::partition_point(
      ranges.begin(), ranges.end(),
      [&](const ByteRange& range) { return static_cast<std::size_t>(range.end) <= begin; });
  for (auto range = first; range != ranges.end(); ++range) {
    const std::size_t from = std::max(begin, static_cast<std::size_t>(range->begin));
    const std::size_t to = std::min(end, static_cast<std::size_t>(range->end));
    if (from >= to) break;
    mark(base + from - begin, base + to - begin);
  }
}

Text Text::slice(std::size_t begin, std::size_t end) const {
  Text part;
  part.append(*this, begin, end);
  return part;
}

void Text::mark(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  if (!from_template_.empty() && static_cast<std::size_t>(from_template_.back().end) == begin) {
    from_template_.back().end = static_cast<std::int64_t>(end);
  } else {
    if (from_template_.size() == kMaxRanges) {
      fail(Code::unsupported, "a text of more than ", kMaxRanges, " pieces");
    }
    from_template_.push_back({static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)});
  }
}

void Text::require_room(std::size_t more) const {
  if (more > kMaxBytes || bytes_.size() > kMaxBytes - more) {
    fail(Code::unsupported, "a text longer than ", kMaxBytes >> 20, " MiB");
  }
}

}  // namespace loquor::jinja
