#include "nn/weight_part.h"

#include "base/error.h"

namespace loquor {

namespace {

constexpr std::int64_t kScaleBlock = 128;

std::int64_t blocks(std::int64_t values) { return (values + kScaleBlock - 1) / kScaleBlock; }

const StoredTensor* find_scales(const Checkpoint& checkpoint, const StoredTensor& tensor) {
  if (tensor.type != StoredType::f8_e4m3) return nullptr;
  const std::string name = tensor.name + "_scale_inv";
  const StoredTensor* scales = checkpoint.find(name);
  if (!scales) {
    fail(Code::unsupported, tensor.file, ": tensor ", quoted(tensor.name),
         " is stored as F8_E4M3, and its scales ", quoted(name), " are missing");
  }
  const std::int64_t wanted[] = {blocks(tensor.rows()), blocks(tensor.row_length())};
  if (tensor.shape.size() != 2 || scales->shape.size() != 2 || scales->shape[0] != wanted[0] ||
      scales->shape[1] != wanted[1]) {
    fail(Code::invalid_file, scales->file, ": tensor ", quoted(name), " has shape ",
         shape_text(scales->shape), ", expected ", shape_text(wanted), ": one number for each ",
         kScaleBlock, " x ", kScaleBlock, " values");
  }
  return scales;
}

}  // namespace

void WeightPart::read(std::int64_t first, std::int64_t count, float* out) const {
  convert_rows(*tensor, first_row + first, count, out);
  if (!scales) return;
  std::vector<float> row(static_cast<std::size_t>(blocks(columns)));
  for (std::int64_t i = 0; i < count; ++i, out += columns) {
    convert_rows(*scales, (first + i) / kScaleBlock, 1, row.data());
    for (std::int64_t j = 0; j < columns; ++j)
      out[j] *= row[static_cast<std::size_t>(j / kScaleBlock)];
  }
}

WeightPart weight_part(const Checkpoint& checkpoint, const StoredTensor& tensor,
                       std::optional<std::int64_t> index) {
  const StoredTensor* scales = find_scales(checkpoint, tensor);
  if (!scales && tensor.type > StoredType::f64 && tensor.type < StoredType::q4_0) {
    fail(Code::unsupported, tensor.file, ": tensor ", quoted(tensor.name), " is stored as ",
         name(tensor.type), ", expected a floating-point or GGUF block type");
  }
  if (!index) return {&tensor, 0, tensor.rows(), tensor.row_length(), false, scales};
  if (tensor.shape.size() != 3 || *index >= tensor.shape[0]) {
    fail(Code::invalid_file, tensor.file, ": tensor ", quoted(tensor.name), " has shape ",
         shape_text(tensor.shape), ", expected at least ", *index + 1, " stacked matrices");
  }
  return {&tensor, *index * tensor.shape[1], tensor.shape[1], tensor.shape[2], true, scales};
}

}  // namespace loquor
