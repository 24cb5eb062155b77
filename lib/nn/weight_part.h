// WeightPart: rows of a stored tensor as f32, with the scales that stand beside it.
#pragma once

#include <cstdint>
#include <optional>

#include "io/tensor_file.h"

namespace loquor {

/// A matrix that is a stored tensor, or one of those stacked in it.
struct WeightPart {
  const StoredTensor* tensor = nullptr;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  bool stacked = false;  // one of several matrices in the tensor
  /// Of F8_E4M3 as DeepSeek publishes it: one number for each 128 x 128 values.
  const StoredTensor* scales = nullptr;
  bool transposed = false;  // (inputs, outputs) of a linear layer

  /// Rows [first, first + count) -> out, (count, columns)
  void read(std::int64_t first, std::int64_t count, float* out) const;
};

/// The whole of a tensor, or matrix `index` of those that are stacked in it. Throws
/// Error(invalid_file) where it has another number of dimensions, no such index, or scales of
/// another shape; Error(unsupported) for a type that weights do not have.
WeightPart weight_part(const Checkpoint& checkpoint, const StoredTensor& tensor,
                       std::optional<std::int64_t> index);

}  // namespace loquor
