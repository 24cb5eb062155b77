// Encoding: whole sequences through the encoder.
#pragma once

#include <cstdint>
#include <span>

#include "nn/transformer.h"

namespace loquor {

/// The encoder's last hidden states of one sequence, (N, C). types: (N), or empty where all are 0.
/// Throws Error(context_full) for a sequence longer than the model's positions, and
/// Error(invalid_argument) for an empty one.
Tensor encode_sequence(const Transformer& transformer, Context& context,
                       std::span<const std::int32_t> ids, std::span<const std::int32_t> types = {});

}  // namespace loquor
