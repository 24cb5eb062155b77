// Encoding: whole sequences through the encoder.
#pragma once

#include <cstdint>
#include <span>

#include "nn/transformer.h"

namespace loquor {

/// Throws Error(context_full) for a sequence longer than the model's positions, and
/// Error(invalid_argument) for an empty one.
void require_positions(const Transformer& transformer, std::span<const std::int32_t> ids);

/// The encoder's last hidden states of one sequence, (N, C). types: (N), or empty where all are 0.
/// Throws as require_positions() does.
Tensor encode_sequence(const Transformer& transformer, Context& context,
                       std::span<const std::int32_t> ids, std::span<const std::int32_t> types = {});

}  // namespace loquor
