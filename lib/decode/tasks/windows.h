// A text that is longer than what a model reads at once, in windows that overlap, as Hugging Face
// tokenizers cut it with return_overflowing_tokens.
#pragma once

#include <algorithm>
#include <cstdint>

namespace loquor {

/// Calls give(begin, size) for each window of `count` tokens. A window has `room` of them, of which
/// neighbours share `stride`, which is less; there is at least one.
template <class Give>
void for_each_window(std::int64_t count, std::int64_t room, std::int64_t stride, Give&& give) {
  for (std::int64_t begin = 0;; begin += room - stride) {
    const std::int64_t size = std::min(room, count - begin);
    give(begin, size);
    if (begin + size == count) return;
  }
}

}  // namespace loquor
