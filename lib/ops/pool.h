// One row for each sequence out of all of its rows: embeddings of texts, inputs of classifiers.
#pragma once

#include "ops/segments.h"
#include "ops/tensor.h"

namespace loquor {

enum class Pooling { mean, max, first, last };

/// (N, C) -> (segments, C), zeros for a segment without rows.
Tensor pool(Context& context, const Tensor& x, const Segments& segments, Pooling pooling);

/// Returns the gradient of x, (N, C); of several equal maxima the first one has it. y_gradient:
/// (segments, C)
Tensor pool_backward(Context& context, const Tensor& x, const Segments& segments, Pooling pooling,
                     const Tensor& y_gradient);

}  // namespace loquor
