// The version of the headers, and of the library that is linked.
#pragma once

#include "loquor/api.hpp"

#define LOQUOR_VERSION_MAJOR 0
#define LOQUOR_VERSION_MINOR 1
#define LOQUOR_VERSION_PATCH 0

namespace LOQUOR_API loquor {

/// "0.1.0": of the library at run time.
LOQUOR_API const char* version() noexcept;

}  // namespace loquor
