// The tensors of a model's files as they are stored, whatever the file format, and their conversion
// to floats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace loquor {

/// How the values of a tensor are stored. The q and iq types are GGUF's blocks; the others hold one
/// value each.
enum class StoredType : std::uint8_t {
  f32,
  f16,
  bf16,
  f64,
  f8_e4m3,
  f8_e5m2,
  i64,
  i32,
  i16,
  i8,
  u64,
  u32,
  u16,
  u8,
  boolean,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  q2_k,
  q3_k,
  q4_k,
  q5_k,
  q6_k,
  iq4_nl
};

/// The name that files use in upper case: "F32", "BF16", "BOOL", "Q4_1", ...
std::string_view name(StoredType type) noexcept;
/// Values in a block along the last dimension (1 where the type has no blocks), and the bytes that
/// a block takes.
std::int64_t block_values(StoredType type) noexcept;
std::int64_t block_bytes(StoredType type) noexcept;

/// A tensor of a file: little endian, row-major, the outermost dimension first (GGUF's ne,
/// reversed). A reader guarantees that bytes.size() is what type and shape take, and that no size
/// overflows.
struct StoredTensor {
  std::string name;
  StoredType type = StoredType::f32;
  std::vector<std::int64_t> shape;
  Bytes bytes;
  std::string file;  ///< For messages.

  /// The last dimension (1 for a scalar), and the product of the others.
  std::int64_t row_length() const noexcept;
  std::int64_t rows() const noexcept;
};

/// "(2, 3)".
std::string shape_text(std::span<const std::int64_t> shape);

inline constexpr std::size_t kMaximumRank = 8;

/// Bytes of a tensor of this type and shape. Throws Error(invalid_file) for a negative or
/// overflowing size, more than kMaximumRank dimensions, or rows that are no whole number of blocks.
std::int64_t stored_bytes(StoredType type, std::span<const std::int64_t> shape);

/// Values of rows [first_row, first_row + rows) as f32: out is (rows, row_length). Any thread;
/// exact for every type whose values f32 can hold, else rounded to nearest. Throws Error(internal)
/// for rows that do not exist.
void convert_rows(const StoredTensor& tensor, std::int64_t first_row, std::int64_t rows,
                  float* out);
/// The same as bf16 bits, rounded to nearest even.
void convert_rows(const StoredTensor& tensor, std::int64_t first_row, std::int64_t rows,
                  std::uint16_t* out);
/// The whole tensor as f32.
std::vector<float> to_floats(const StoredTensor& tensor);

/// The tensors of all files of a model, in the order of the files. Movable and copyable; the bytes
/// are shared.
class Checkpoint {
 public:
  explicit Checkpoint(std::string format) : format_(std::move(format)) {}

  /// "safetensors" or "gguf".
  const std::string& format() const noexcept { return format_; }
  /// Throws Error(invalid_file) where a tensor of that name is there already, naming both files.
  void add(StoredTensor tensor);
  const StoredTensor* find(std::string_view name) const noexcept;
  /// Throws Error(invalid_file) naming the tensor where there is none.
  const StoredTensor& at(std::string_view name) const;

  std::size_t size() const noexcept { return tensors_.size(); }
  auto begin() const noexcept { return tensors_.begin(); }
  auto end() const noexcept { return tensors_.end(); }

 private:
  std::string format_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

/// Gives the bytes of a further file of the same model, named without folder. Throws
/// Error(not_found) for none.
using OpenFile = std::function<Bytes(const std::string& name)>;
/// Opens files of one folder.
OpenFile open_beside(const std::filesystem::path& file);

/// Throws Error(invalid_file) naming two tensors that share bytes of `file`, of which all `tensors`
/// are parts.
void require_disjoint(std::span<const StoredTensor> tensors, const Bytes& file);

}  // namespace loquor
