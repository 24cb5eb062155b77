// Stored types, and a checkpoint as a list of tensors.
#include "io/tensor_file.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/error.h"
#include "io/dequantize.h"

namespace loquor {
namespace {

struct TypeLayout {
  std::string_view name;
  std::int64_t values;
  std::int64_t bytes;
};

// In the order of StoredType.
constexpr TypeLayout kLayouts[] = {
    {"F32", 1, 4},      {"F16", 1, 2},      {"BF16", 1, 2},     {"F64", 1, 8},
    {"F8_E4M3", 1, 1},  {"F8_E5M2", 1, 1},  {"I64", 1, 8},      {"I32", 1, 4},
    {"I16", 1, 2},      {"I8", 1, 1},       {"U64", 1, 8},      {"U32", 1, 4},
    {"U16", 1, 2},      {"U8", 1, 1},       {"BOOL", 1, 1},     {"Q4_0", 32, 18},
    {"Q4_1", 32, 20},   {"Q5_0", 32, 22},   {"Q5_1", 32, 24},   {"Q8_0", 32, 34},
    {"Q2_K", 256, 84},  {"Q3_K", 256, 110}, {"Q4_K", 256, 144}, {"Q5_K", 256, 176},
    {"Q6_K", 256, 210}, {"IQ4_NL", 32, 18}};
static_assert(std::size(kLayouts) == static_cast<std::size_t>(StoredType::iq4_nl) + 1);

constexpr const TypeLayout& layout(StoredType type) noexcept {
  return kLayouts[static_cast<std::size_t>(type)];
}

// To nearest even; a NaN stays one, and quiet. Without branches, so that loops over it become
// vectors.
std::uint16_t to_bf16(float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  const bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return static_cast<std::uint16_t>((nan ? bits | 0x400000u : rounded) >> 16);
}

// The stored bytes of rows [first_row, first_row + rows).
const std::byte* row_bytes(const StoredTensor& tensor, std::int64_t first_row, std::int64_t rows) {
  if (first_row < 0 || rows < 0 || first_row > tensor.rows() - rows) {
    fail(Code::internal, "tensor ", quoted(tensor.name), " has ", tensor.rows(), " rows; ", rows,
         " from row ", first_row, " were asked for");
  }
  const TypeLayout& type = layout(tensor.type);
  return tensor.bytes.data() + first_row * (tensor.row_length() / type.values) * type.bytes;
}

}  // namespace

std::string_view name(StoredType type) noexcept { return layout(type).name; }
std::int64_t block_values(StoredType type) noexcept { return layout(type).values; }
std::int64_t block_bytes(StoredType type) noexcept { return layout(type).bytes; }

std::int64_t StoredTensor::row_length() const noexcept { return shape.empty() ? 1 : shape.back(); }

std::int64_t StoredTensor::rows() const noexcept {
  std::int64_t product = 1;
  for (std::size_t i = 0; i + 1 < shape.size(); ++i) product *= shape[i];
  return product;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string out = "(";
  for (const std::int64_t size : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(size);
  return out + ")";
}

std::int64_t stored_bytes(StoredType type, std::span<const std::int64_t> shape) {
  const TypeLayout& row = layout(type);
  if (shape.size() > kMaximumRank) {
    fail(Code::invalid_file, "has ", shape.size(), " dimensions, expected at most ", kMaximumRank);
  }
  const std::int64_t length = shape.empty() ? 1 : shape.back();
  if (length % row.values != 0) {
    fail(Code::invalid_file, "has shape ", shape_text(shape), ", but rows of ", row.name,
         " come in blocks of ", row.values);
  }
  std::int64_t bytes = row.bytes;
  bool empty = false;
  // Zeros are left out of the product: rows() must not overflow either, whatever stands beside a
  // zero.
  for (const std::int64_t size : shape) {
    if (size < 0) {
      fail(Code::invalid_file, "has shape ", shape_text(shape), ", expected no negative dimension");
    }
    empty |= size == 0;
    if (size != 0 && __builtin_mul_overflow(bytes, size, &bytes)) {
      fail(Code::invalid_file, "has shape ", shape_text(shape), ", whose size overflows 64 bits");
    }
  }
  return empty ? 0 : bytes / row.values;
}

void convert_rows(const StoredTensor& tensor, std::int64_t first_row, std::int64_t rows,
                  float* out) {
  const std::byte* source = row_bytes(tensor, first_row, rows);
  dequantize(tensor.type, source, rows * (tensor.row_length() / block_values(tensor.type)), out);
}

void convert_rows(const StoredTensor& tensor, std::int64_t first_row, std::int64_t rows,
                  std::uint16_t* out) {
  const std::byte* source = row_bytes(tensor, first_row, rows);
  const std::int64_t count = rows * tensor.row_length();
  if (tensor.type == StoredType::bf16) {
    std::copy_n(source, count * 2, reinterpret_cast<std::byte*>(out));
    return;
  }
  std::array<float, 256> values;  // a multiple of every block
  const TypeLayout& type = layout(tensor.type);
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t part = std::min<std::int64_t>(count - done, values.size());
    dequantize(tensor.type, source + done / type.values * type.bytes, part / type.values,
               values.data());
    for (std::int64_t i = 0; i < part; ++i) {
      out[done + i] = to_bf16(values[static_cast<std::size_t>(i)]);
    }
    done += part;
  }
}

std::vector<float> to_floats(const StoredTensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.rows() * tensor.row_length()));
  convert_rows(tensor, 0, tensor.rows(), values.data());
  return values;
}

void Checkpoint::add(StoredTensor tensor) {
  const auto [position, added] = index_.try_emplace(tensor.name, tensors_.size());
  if (!added) {
    fail(Code::invalid_file, "tensor ", quoted(tensor.name), " is in ",
         tensors_[position->second].file, " and again in ", tensor.file);
  }
  tensors_.push_back(std::move(tensor));
}

const StoredTensor* Checkpoint::find(std::string_view name) const noexcept {
  const auto position = index_.find(name);
  return position == index_.end() ? nullptr : &tensors_[position->second];
}

const StoredTensor& Checkpoint::at(std::string_view name) const {
  if (const StoredTensor* tensor = find(name)) return *tensor;
  fail(Code::invalid_file, "there is no tensor ", quoted(name));
}

OpenFile open_beside(const std::filesystem::path& file) {
  return
      [folder = file.parent_path()](const std::string& name) { return Bytes::map(folder / name); };
}

void require_disjoint(std::span<const StoredTensor> tensors, const Bytes& file) {
  std::vector<const StoredTensor*> sorted;
  for (const StoredTensor& tensor : tensors) {
    if (tensor.bytes.size() != 0) sorted.push_back(&tensor);
  }
  std::ranges::sort(sorted, {}, [](const StoredTensor* tensor) { return tensor->bytes.data(); });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    const StoredTensor& left = *sorted[i - 1];
    const StoredTensor& right = *sorted[i];
    const auto end = left.bytes.data() + left.bytes.size() - file.data();
    const auto begin = right.bytes.data() - file.data();
    if (begin < end) {
      fail(Code::invalid_file, "tensor ", quoted(right.name), " begins at byte ", begin,
           ", inside tensor ", quoted(left.name), ", which ends at byte ", end);
    }
  }
}

}  // namespace loquor
