#include "nn/stored_matrix.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {

namespace {

// Both dimensions of a tensor, the last two of three counting as one; zeros for any other.
std::pair<std::int64_t, std::int64_t> flat(const std::vector<std::int64_t>& shape) {
  if (shape.size() == 2) return {shape[0], shape[1]};
  if (shape.size() == 3) return {shape[0], shape[1] * shape[2]};
  return {0, 0};
}

}  // namespace

StoredMatrix::StoredMatrix(std::vector<const StoredTensor*> tensors, bool transposed,
                           std::int64_t outputs, std::int64_t inputs)
    : transposed_(transposed), inputs_(inputs) {
  std::int64_t found = 0;
  for (const StoredTensor* tensor : tensors) {
    auto [its_outputs, its_inputs] = flat(tensor->shape);
    if (transposed) std::swap(its_outputs, its_inputs);
    if (its_inputs != inputs || (tensors.size() == 1 && its_outputs != outputs)) {
      const std::int64_t wanted[] = {transposed ? inputs : outputs, transposed ? outputs : inputs};
      fail(Code::invalid_file, tensor->file, ": tensor ", quoted(tensor->name), " has shape ",
           shape_text(tensor->shape), ", expected ",
           tensors.size() == 1 ? shape_text(wanted) : text("(*, ", inputs, ")"));
    }
    found += its_outputs;
    parts_.push_back({tensor, its_outputs, {}});
  }
  if (found != outputs) {
    fail(Code::invalid_file, tensors[0]->file, ": tensor ", quoted(tensors[0]->name),
         " and those joined to it have ", found, " rows, expected ", outputs);
  }
}

void StoredMatrix::prepare() {
  for (Part& part : parts_) {
    if (transposed_) part.values = to_floats(*part.tensor);
  }
}

void StoredMatrix::read(const Part& part, std::int64_t first, std::int64_t count,
                        float* out) const {
  if (!transposed_) {
    const auto& shape = part.tensor->shape;
    const std::int64_t pieces = shape.size() == 3 ? shape[1] : 1;  // of a row, as io counts rows
    convert_rows(*part.tensor, first * pieces, count * pieces, out);
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
