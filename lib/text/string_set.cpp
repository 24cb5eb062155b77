// A sorted array serves as the trie: a node is the range of strings that share a prefix.
#include "text/string_set.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {
namespace {

constexpr std::size_t kLongest = 512;

}  // namespace

StringSet::StringSet(std::vector<std::pair<std::string, std::int32_t>> strings)
    : strings_(std::move(strings)) {
  std::sort(strings_.begin(), strings_.end());
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const std::string& string = strings_[i].first;
    if (string.empty()) fail(Code::invalid_file, "an added token is empty");
    if (string.size() > kLongest) {
      fail(Code::unsupported, "the added token ", quoted(string), " has ", string.size(),
           " bytes; at most ", kLongest, " are supported");
    }
    if (i > 0 && string == strings_[i - 1].first)
      fail(Code::invalid_file, "the added token ", quoted(string), " is there twice");
    Range& range = first_[static_cast<unsigned char>(string[0])];
    if (range.begin == range.end) range.begin = static_cast<std::uint32_t>(i);
    range.end = static_cast<std::uint32_t>(i + 1);
  }
}

StringSet::Range StringSet::narrow(Range range, std::size_t depth, char byte) const {
  const auto at = [&](const auto& entry) { return static_cast<unsigned char>(entry.first[depth]); };
  const auto wanted = static_cast<unsigned char>(byte);
  const auto begin = strings_.begin() + range.begin, end = strings_.begin() + range.end;
  const auto lower =
      std::partition_point(begin, end, [&](const auto& entry) { return at(entry) < wanted; });
  const auto upper =
      std::partition_point(lower, end, [&](const auto& entry) { return at(entry) == wanted; });
  return {static_cast<std::uint32_t>(lower - strings_.begin()),
          static_cast<std::uint32_t>(upper - strings_.begin())};
}

}  // namespace loquor
