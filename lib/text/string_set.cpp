// The strings are sorted; a node is a range of them that share a prefix.
#include "text/string_set.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {
namespace {

constexpr std::size_t kLongest = 512;

}  // namespace

StringSet::StringSet(std::vector<std::pair<std::string_view, std::int32_t>> strings) {
  if (strings.empty()) return;
  std::sort(strings.begin(), strings.end());
  for (std::size_t i = 0; i < strings.size(); ++i) {
    const std::string_view string = strings[i].first;
    if (string.empty()) fail(Code::invalid_file, "a token is empty");
    if (string.size() > kLongest) {
      fail(Code::unsupported, "the token ", quoted(string), " has ", string.size(),
           " bytes; at most ", kLongest, " are supported");
    }
    if (i > 0 && string == strings[i - 1].first)
      fail(Code::invalid_file, "the token ", quoted(string), " is there twice");
  }
  struct Range {
    std::size_t begin, end, depth;
  };
  std::vector<Range> ranges{{0, strings.size(), 0}};
  labels_.push_back(0);
  for (std::size_t node = 0; node < ranges.size(); ++node) {
    auto [begin, end, depth] = ranges[node];
    const bool ends = strings[begin].first.size() == depth;
    nodes_.push_back(
        {static_cast<std::uint32_t>(ranges.size()), ends ? strings[begin].second : -1});
    for (begin += ends; begin < end;) {
      const char byte = strings[begin].first[depth];
      const std::size_t first = begin;
      while (begin < end && strings[begin].first[depth] == byte) ++begin;
      ranges.push_back({first, begin, depth + 1});
      labels_.push_back(static_cast<unsigned char>(byte));
    }
  }
  nodes_.push_back({static_cast<std::uint32_t>(ranges.size()), -1});
  if (ranges.size() > INT32_MAX) fail(Code::invalid_file, "the tokens take more than 2 GiB");
}

std::uint32_t StringSet::child(std::uint32_t node, char byte) const noexcept {
  if (nodes_.empty()) return 0;
  const auto wanted = static_cast<unsigned char>(byte);
  const auto begin = labels_.begin() + nodes_[node].children;
  const auto end = labels_.begin() + nodes_[node + 1].children;
  const auto found = std::lower_bound(begin, end, wanted);
  return found != end && *found == wanted ? static_cast<std::uint32_t>(found - labels_.begin()) : 0;
}

}  // namespace loquor
