// Rows of length 1, such as embeddings whose dot product is their cosine.
#pragma once

#include "ops/tensor.h"

namespace loquor {

/// x / max(|x|, 1e-12), a row at a time, in place where nobody else holds x. (N, C) -> (N, C)
Tensor l2_normalize(Context& context, Tensor x);

/// Returns the gradient of x. x, y_gradient: (N, C)
Tensor l2_normalize_backward(Context& context, const Tensor& x, const Tensor& y_gradient);

}  // namespace loquor
