// Picks rows: the last row of each sequence, the masked positions.
#pragma once

#include <cstdint>
#include <span>

#include "ops/tensor.h"

namespace loquor {

/// (N, C) -> (count, C)
Tensor gather_rows(Context& context, const Tensor& x, std::span<const std::int64_t> rows);

/// The gradient of x, (x_rows, C), zero in rows that were not picked; a row picked twice gets the
/// sum in order.
Tensor gather_rows_backward(Context& context, std::int64_t x_rows,
                            std::span<const std::int64_t> rows, const Tensor& y_gradient);

}  // namespace loquor
