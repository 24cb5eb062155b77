// Tables of options that are put together of parts.
#pragma once

#include <array>
#include <cstddef>

#include "base/option_table.h"

namespace loquor {

template <std::size_t... Sizes>
constexpr auto joined(const std::array<Option, Sizes>&... parts) {
  std::array<Option, (Sizes + ...)> all{};
  std::size_t at = 0;
  const auto append = [&](const auto& part) {
    for (const Option& option : part) all[at++] = option;
  };
  (append(parts), ...);
  return all;
}
}  // namespace loquor
