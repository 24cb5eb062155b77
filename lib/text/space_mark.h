// SentencePiece's sign for a space.
#pragma once

#include <string_view>

namespace loquor {

constexpr std::string_view kSpaceMark = "\u2581";

}  // namespace loquor
