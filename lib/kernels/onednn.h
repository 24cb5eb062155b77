// oneDNN as a library of single-threaded matmuls. Its own headers are included by onednn.cpp alone.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "kernels/matmul.h"

namespace loquor::onednn {

class Primitive;

/// Multiplies slices of one shape of packed weight; any thread may. Primitives are made when first
/// needed and kept.
class PackedMatmul {
 public:
  /// Rows of the largest slice, and the slices that a number of rows is cut into: 64 at a time,
  /// then a multiple of 16, then what is left, so that few primitives serve every number of rows.
  static constexpr std::int64_t kRows = 64;

  /// The object for weights (outputs, inputs), shared by those that live. nullptr where this
  /// machine's oneDNN has no fast implementation, or one whose bits depend on the number of rows.
  static std::shared_ptr<const PackedMatmul> find(ComputeType type, std::int64_t outputs,
                                                  std::int64_t inputs);
  PackedMatmul(ComputeType type, std::int64_t outputs, std::int64_t inputs);
  ~PackedMatmul();

  /// Outputs of a slice, a multiple of 64; the last slice has fewer.
  std::int64_t columns() const noexcept { return columns_; }
  /// y (rows, columns) = x (rows, inputs) * the weights whose packed panels begin at `panels`.
  /// rows: 1 to 16, or 32, 48, 64; columns: columns(), or what the last slice has. x is f32 or
  /// bf16, as the weights are.
  void run(std::int64_t rows, std::int64_t columns, const void* x, const void* panels,
           float* y) const;
  /// oneDNN's name of what runs.
  std::string implementation() const;

 private:
  static constexpr std::size_t kKinds = 19;  // rows: 1 to 16, 32, 48, 64
  const Primitive& primitive(std::int64_t rows, std::int64_t columns) const;
  bool fast(std::int64_t outputs) const;
  bool steady() const;

  ComputeType type_;
  std::int64_t inputs_;
  std::int64_t columns_;
  mutable std::array<std::array<std::atomic<const Primitive*>, 2>, kKinds> primitives_ = {};
};

/// C (m, n) = op(A) * op(B) on plain f32, as matmul_plain() of matmul.h but on the calling thread.
/// `stride` is the distance between the rows of A as it is stored.
void multiply(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
              const float* a, std::int64_t a_stride, const float* b, float* c);

}  // namespace loquor::onednn
