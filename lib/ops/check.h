// Shape checks of the ops: a mismatch is a defect of the caller and is reported with the op and
// both shapes.
#pragma once

#include <cstdint>
#include <string_view>

#include "ops/tensor.h"

namespace loquor {

/// Fails with Error(internal) unless the tensor is (rows, columns).
void expect_shape(std::string_view op, std::string_view what, const Tensor& found,
                  std::int64_t rows, std::int64_t columns);
/// Fails with Error(internal) unless found == expected.
void expect_size(std::string_view op, std::string_view what, std::int64_t found,
                 std::int64_t expected);

}  // namespace loquor
