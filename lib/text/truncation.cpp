// As utils/truncation of Hugging Face tokenizers.
#include "text/truncation.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {
namespace {

using Strategy = Truncation::Strategy;

template <class Type>
void slice(std::vector<Type>& list, std::size_t begin, std::size_t count) {
  if (list.empty()) return;
  const auto first = list.begin() + static_cast<std::ptrdiff_t>(begin);
  list.erase(std::copy(first, first + static_cast<std::ptrdiff_t>(count), list.begin()),
             list.end());
}

void shorten(TextTokens& tokens, std::size_t count, Truncation::Side side) {
  if (count >= tokens.ids.size()) return;
  tokens.slice(side == Truncation::Side::right ? 0 : tokens.ids.size() - count, count);
}

// What is left of the shorter and the longer text.
std::pair<std::size_t, std::size_t> share(std::size_t shorter, std::size_t longer,
                                          std::size_t room) {
  longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) return {room / 2, room / 2 + room % 2};
  return {shorter, longer};
}

}  // namespace

void TextTokens::slice(std::size_t begin, std::size_t count) {
  loquor::slice(ids, begin, count);
  loquor::slice(offsets, begin, count);
  loquor::slice(words, begin, count);
}

void truncate(TextTokens& first, TextTokens* second, const Truncation& truncation,
              std::size_t added) {
  if (truncation.max_length < 0 || static_cast<std::size_t>(truncation.max_length) < added) {
    fail(Code::invalid_argument, "max_length is ", truncation.max_length, ", and there are ", added,
         " special tokens");
  }
  const std::size_t room = static_cast<std::size_t>(truncation.max_length) - added;
  const std::size_t sizes[] = {first.ids.size(), second ? second->ids.size() : 0};
  if (sizes[0] + sizes[1] <= room) return;
  const Strategy strategy = truncation.strategy;
  if (strategy == Strategy::only_second && !second)
    fail(Code::invalid_argument, "only_second is asked for, and there is one text");
  if (strategy == Strategy::longest_first || room == 0) {
    if (!second) return shorten(first, room, truncation.side);
    const bool swapped = sizes[0] > sizes[1];
    auto [left, right] = share(sizes[swapped], sizes[!swapped], room);
    if (swapped) std::swap(left, right);
    shorten(first, left, truncation.side);
    return shorten(*second, right, truncation.side);
  }
  const bool is_first = strategy == Strategy::only_first;
  const std::size_t over = sizes[0] + sizes[1] - room, size = sizes[!is_first];
  if (size <= over) {
    fail(Code::invalid_argument, "the ", is_first ? "first" : "second", " text has ", size,
         " tokens, and ", over, " are too many");
  }
  shorten(is_first ? first : *second, size - over, truncation.side);
}

}  // namespace loquor
