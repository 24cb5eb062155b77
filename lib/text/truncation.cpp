// As utils/truncation of Hugging Face tokenizers.
#include "text/truncation.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {
namespace {

template <class Type>
std::vector<Type> part_of(const std::vector<Type>& list, std::size_t begin, std::size_t count) {
  if (list.empty()) return {};
  const auto first = list.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

void require_choice(std::string_view name, std::string_view found,
                    std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), found) != choices.end()) return;
  std::string expected;
  for (const auto choice : choices) expected += (expected.empty() ? "" : ", ") + quoted(choice);
  fail(Code::invalid_argument, "option ", name, ": found ", quoted(found), ", expected one of ",
       expected);
}

void shorten(TextTokens& tokens, std::size_t count, std::string_view side) {
  if (count >= tokens.ids.size()) return;
  tokens = tokens.part(side == "right" ? 0 : tokens.ids.size() - count, count);
}

// What is left of the shorter and the longer text.
std::pair<std::size_t, std::size_t> share(std::size_t shorter, std::size_t longer,
                                          std::size_t room) {
  longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) return {room / 2, room / 2 + room % 2};
  return {shorter, longer};
}

}  // namespace

TextTokens TextTokens::part(std::size_t begin, std::size_t count) const {
  return {part_of(ids, begin, count), with_offsets, part_of(offsets, begin, count),
          part_of(words, begin, count)};
}

void truncate(TextTokens& first, TextTokens* second, const EncodeOptions& options,
              std::size_t added) {
  const std::string_view strategy = options.truncation, side = options.truncation_side;
  require_choice("truncation", strategy, {"longest_first", "only_first", "only_second"});
  require_choice("truncation_side", side, {"right", "left"});
  const std::int64_t max_length = options.max_length.value();
  if (max_length < 0 || static_cast<std::size_t>(max_length) < added) {
    fail(Code::invalid_argument, "max_length is ", max_length, ", and there are ", added,
         " special tokens");
  }
  const std::size_t room = static_cast<std::size_t>(max_length) - added;
  const std::size_t sizes[] = {first.ids.size(), second ? second->ids.size() : 0};
  if (sizes[0] + sizes[1] <= room) return;
  if (strategy == "only_second" && !second)
    fail(Code::invalid_argument, "only_second is asked for, and there is one text");
  if (strategy == "longest_first" || room == 0) {
    if (!second) return shorten(first, room, side);
    const bool swapped = sizes[0] > sizes[1];
    auto [left, right] = share(sizes[swapped], sizes[!swapped], room);
    if (swapped) std::swap(left, right);
    shorten(first, left, side);
    return shorten(*second, right, side);
  }
  const bool is_first = strategy == "only_first";
  const std::size_t over = sizes[0] + sizes[1] - room, size = sizes[!is_first];
  if (size <= over) {
    fail(Code::invalid_argument, "the ", is_first ? "first" : "second", " text has ", size,
         " tokens, and ", over, " are too many");
  }
  shorten(is_first ? first : *second, size - over, side);
}

}  // namespace loquor
