// One file of a GGUF model, whole or a part of a split one.
#pragma once

#include <string>

#include "io/gguf.h"

namespace loquor {

/// How much of a path a message shows.
constexpr std::size_t kMaximumPath = 1024;

/// Reads one file without looking at its split.* entries. Errors name the file.
GgufFile read_gguf_part(const Bytes& bytes, const std::string& file);

}  // namespace loquor
