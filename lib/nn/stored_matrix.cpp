#include "nn/stored_matrix.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {

StoredMatrix::StoredMatrix(const std::vector<WeightPart>& parts, std::int64_t outputs,
                           std::int64_t inputs)
    : inputs_(inputs) {
  std::int64_t found = 0;
  for (const WeightPart& part : parts) {
    const StoredTensor& tensor = *part.tensor;
    const bool transposed = part.transposed;
    const bool heads_apart = tensor.shape.size() == 3 && !part.stacked;
    const std::int64_t pieces = heads_apart ? tensor.shape[1] : 1;
    std::int64_t its_outputs = part.rows / pieces, its_inputs = part.columns * pieces;
    if (transposed) std::swap(its_outputs, its_inputs);
    const bool matrix = tensor.shape.size() == 2 || heads_apart || part.stacked;
    if (!matrix || its_inputs != inputs || (parts.size() == 1 && its_outputs != outputs)) {
      const std::int64_t wanted[] = {transposed ? inputs : outputs, transposed ? outputs : inputs};
      fail(Code::invalid_file, tensor.file, ": tensor ", quoted(tensor.name), " has shape ",
           shape_text(tensor.shape), ", expected ",
           parts.size() == 1 ? shape_text(wanted) : text("(*, ", inputs, ")"));
    }
    found += its_outputs;
    parts_.push_back({part, pieces, its_outputs, {}});
  }
  if (found != outputs) {
    const StoredTensor& first = *parts[0].tensor;
    fail(Code::invalid_file, first.file, ": tensor ", quoted(first.name),
         " and those joined to it have ", found, " rows, expected ", outputs);
  }
}

void StoredMatrix::prepare() {
  for (Part& part : parts_) {
    if (!part.stored.transposed) continue;
    part.values.resize(static_cast<std::size_t>(part.stored.rows * part.stored.columns));
    part.stored.read(0, part.stored.rows, part.values.data());
  }
}

void StoredMatrix::read(const Part& part, std::int64_t first, std::int64_t count,
                        float* out) const {
  if (!part.stored.transposed) {
    part.stored.read(first * part.pieces, count * part.pieces, out);
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t j = 0; j < inputs_; ++j) {
      out[i * inputs_ + j] = part.values[static_cast<std::size_t>(j * part.outputs + first + i)];
    }
  }
}

void StoredMatrix::read(std::int64_t first, std::int64_t count, float* out) const {
  for (const Part& part : parts_) {
    const std::int64_t here = std::min(count, part.outputs - first);
    if (here > 0) {
      read(part, first, here, out);
      out += here * inputs_;
      count -= here;
      first += here;
    }
    first -= part.outputs;
  }
}

}  // namespace loquor
