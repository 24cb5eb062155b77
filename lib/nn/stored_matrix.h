// The matrix of a linear layer as a checkpoint holds it.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/weight_part.h"

namespace loquor {

/// (outputs, inputs), of one part or of several joined along their outputs; each stored so, or
/// transposed. A tensor may keep heads apart in a third dimension: its last two count as one.
class StoredMatrix {
 public:
  /// Throws Error(invalid_file) naming the tensor that is misshapen.
  StoredMatrix(const std::vector<WeightPart>& parts, std::int64_t outputs, std::int64_t inputs);
  /// Keeps transposed parts as f32, which read() needs of them.
  void prepare();
  /// Rows [first, first + count) as f32, (count, inputs).
  void read(std::int64_t first, std::int64_t count, float* out) const;

 private:
  struct Part {
    WeightPart stored;
    std::int64_t pieces;  // of a row, as `stored` counts rows
    std::int64_t outputs;
    std::vector<float> values;  // a transposed one, as stored
  };
  void read(const Part& part, std::int64_t first, std::int64_t count, float* out) const;

  std::int64_t inputs_;
  std::vector<Part> parts_;
};

}  // namespace loquor
