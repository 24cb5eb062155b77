// The inverse frequencies of a rotary embedding, scaled as its spec says.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/spec.h"

namespace loquor {

/// One a pair of the head's `width` elements, in double. Throws Error(invalid_file) for factors of
/// another size.
std::vector<double> rope_frequencies(const RopeSpec& rope, std::int64_t width);

}  // namespace loquor
