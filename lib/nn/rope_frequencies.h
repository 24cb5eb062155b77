// The inverse frequencies of a rotary embedding, scaled as its spec says.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/spec.h"

namespace loquor {

/// One a pair of the head's `width` elements, in double, for a context of that length. Throws
/// Error(invalid_file) for factors of another size.
std::vector<double> rope_frequencies(const RopeSpec& rope, std::int64_t width,
                                     std::int64_t context_length = 0);

}  // namespace loquor
