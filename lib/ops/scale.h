// Every element times one factor: embeddings that grow with the width, logits that shrink with it.
#pragma once

#include "ops/tensor.h"

namespace loquor {

/// x * factor, in place where nobody else holds x: (N, C) -> (N, C). The gradient of x is that of
/// the result, scaled by the same factor.
Tensor scale(Context& context, Tensor x, float factor);

}  // namespace loquor
