// The matrix of a linear layer as a checkpoint holds it.
#pragma once

#include <cstdint>
#include <vector>

#include "io/tensor_file.h"

namespace loquor {

/// (outputs, inputs), of one tensor or of several joined along their outputs; stored so, or
/// transposed. A tensor may keep heads apart in a third dimension: its last two count as one.
class StoredMatrix {
 public:
  /// Throws Error(invalid_file) naming the tensor that is misshapen.
  StoredMatrix(std::vector<const StoredTensor*> tensors, bool transposed, std::int64_t outputs,
               std::int64_t inputs);
  /// Rows [first, first + count) as f32, (count, inputs).
  void read(std::int64_t first, std::int64_t count, float* out) const;
  /// Keeps transposed tensors as f32, which read() needs of them.
  void prepare();

 private:
  struct Part {
    const StoredTensor* tensor;
    std::int64_t outputs;
    std::vector<float> values;  // a transposed one, as stored
  };
  void read(const Part& part, std::int64_t first, std::int64_t count, float* out) const;

  bool transposed_;
  std::int64_t inputs_;
  std::vector<Part> parts_;
};

}  // namespace loquor
