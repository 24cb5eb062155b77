// The residual connection.
#pragma once

#include "ops/tensor.h"

namespace loquor {

/// a + b, (N, C). Backward: the gradient of both is that of the sum.
Tensor add(Context& context, const Tensor& a, const Tensor& b);
/// The same, written into a where nobody else holds its memory: `x = add(context, std::move(x),
/// f(x))` takes none, and what a tape or a tap has kept is left alone. a is read when all arguments
/// have been computed.
Tensor add(Context& context, Tensor&& a, const Tensor& b);

}  // namespace loquor
