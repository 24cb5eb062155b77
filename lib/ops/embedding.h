// Token embeddings, and learned positions.
#pragma once

#include <cstdint>
#include <span>

#include "ops/parameter.h"
#include "ops/tensor.h"

namespace loquor {

/// Throws Error(invalid_argument) naming the first id outside [0, vocabulary), its index and the
/// vocabulary's size.
void check_ids(std::span<const std::int32_t> ids, std::int64_t vocabulary);

/// Rows of the weight times `scale`. weight: (V, C) -> (N, C). Checks the ids.
Tensor embed(Context& context, std::span<const std::int32_t> ids, const Weight& weight,
             float scale = 1);

/// weight_gradient: (V, C), added to, equal ids in ascending order of rows. y_gradient: (N, C)
void embed_backward(Context& context, std::span<const std::int32_t> ids, const Tensor& y_gradient,
                    float scale, float* weight_gradient, std::int64_t vocabulary);

/// x plus the table's row of each position; in place where nobody else holds x. x: (N, C); table:
/// (positions, C). Throws Error(context_full) for a position outside the table. Its backward: the
/// gradient of x is that of y, and the table's is embed_backward() on the positions.
Tensor add_positions(Context& context, Tensor x, std::span<const std::int32_t> positions,
                     const Weight& table);

}  // namespace loquor
