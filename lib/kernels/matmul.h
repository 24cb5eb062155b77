// Matmul on packed weights. A row of the result depends on its own input row only: its bits do not
// depend on how many rows are multiplied together nor on the number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/runtime.h"
#include "kernels/isa.h"

namespace loquor {

namespace onednn {
class PackedMatmul;
}

enum class ComputeType { f32, bf16 };
std::string_view name(ComputeType type);

/// The weight (outputs, inputs) of a linear layer in panels of 64 outputs, padded with zeros:
/// f32 as oneDNN's BA16a64b, bf16 as BA16a64b2a (a panel holds all inputs of its 64 outputs).
/// Immutable.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Calls rows(first, count, out) from the runtime's threads for rows of the (outputs, inputs)
  /// weight as f32 (count, inputs), and packs them. bf16 without a fast bf16 matmul
  /// (has_bf16_dot()) packs the rounded values as f32.
  static PackedMatrix pack(
      const Runtime& runtime, ComputeType type, std::int64_t outputs, std::int64_t inputs,
      const std::function<void(std::int64_t first, std::int64_t count, float* out)>& rows,
      std::string_view what);

  std::int64_t outputs() const noexcept { return outputs_; }
  std::int64_t inputs() const noexcept { return inputs_; }
  /// As it is stored (f32 where bf16 was asked for on a machine without bf16 dot products).
  ComputeType type() const noexcept { return type_; }
  std::int64_t bytes() const noexcept { return data_.size(); }
  /// One output's row as f32, (inputs): the lookup of a tied embedding.
  void row(std::int64_t output, float* out) const;
  const void* data() const noexcept { return data_.as<>(); }
  /// What oneDNN multiplies this shape with; nullptr where our own kernel does.
  const onednn::PackedMatmul* onednn() const noexcept { return onednn_.get(); }

 private:
  Buffer data_;
  std::shared_ptr<const onednn::PackedMatmul> onednn_;
  std::int64_t outputs_ = 0;
  std::int64_t inputs_ = 0;
  ComputeType type_ = ComputeType::f32;
};

/// Bytes of scratch that matmul() needs for that many rows (0 for f32).
std::int64_t matmul_scratch_bytes(const PackedMatrix& weight, std::int64_t rows);

/// y (rows, outputs) = x (rows, inputs) * weight^T + bias. bias may be nullptr. scratch: 64-byte
/// aligned. Work is cut into slices whose boundaries do not depend on the thread count.
void matmul(ThreadPool& pool, const float* x, std::int64_t rows, const PackedMatrix& weight,
            const float* bias, float* y, void* scratch);

/// C (m, n) = op(A) * op(B), or C += with `accumulate`, on plain row-major f32: training's matmuls.
/// op transposes where told: A is (m, k), or (k, m) transposed; B is (k, n), or (n, k) transposed.
void matmul_plain(ThreadPool& pool, bool transpose_a, bool transpose_b, std::int64_t m,
                  std::int64_t n, std::int64_t k, const float* a, const float* b, float* c,
                  bool accumulate);

/// Which implementation serves a packed weight: "onednn brg:avx512_core_bf16", "loquor panel avx2",
/// ... for `info` and tests.
std::string matmul_implementation(ComputeType type);

}  // namespace loquor
