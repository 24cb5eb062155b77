// Matmul on plain row-major f32, for weights that training changes: oneDNN on AVX-512, Eigen
// elsewhere.
#include <algorithm>
#include <memory>

#include "kernels/eigen.h"
#include "kernels/matmul.h"
#include "kernels/onednn.h"
#include "kernels/table.h"

namespace loquor {

namespace {

using Strided = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic>, 0,
                           Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// A plain matrix as op() makes it: (rows, columns), stored with `stride` between its rows or,
// transposed, its columns.
Strided view(const float* data, std::int64_t rows, std::int64_t columns, std::int64_t stride,
             bool transposed) {
  using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  // Stride(outer, inner): outer between columns, inner between rows.
  return {data, rows, columns, transposed ? Strides(stride, 1) : Strides(1, stride)};
}

// Rows of C that a thread takes at once.
constexpr std::int64_t kRows = 256;

}  // namespace

void matmul_plain(ThreadPool& pool, bool transpose_a, bool transpose_b, std::int64_t m,
                  std::int64_t n, std::int64_t k, const float* a, const float* b, float* c,
                  bool accumulate) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (!accumulate) std::fill_n(c, m * n, 0.0f);
    return;
  }
  const bool use_onednn = chosen_isa() == Isa::avx512;
  pool.parallel_for(m, kRows, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t rows = end - begin;
    const std::int64_t a_stride = transpose_a ? m : k;
    const float* a_rows = a + begin * (transpose_a ? 1 : k);
    float* c_rows = c + begin * n;
    if (!use_onednn) {
      Eigen::Map<RowMajor> result(c_rows, rows, n);
      const auto product = view(a_rows, rows, k, a_stride, transpose_a) *
                           view(b, k, n, transpose_b ? k : n, transpose_b);
      if (accumulate) {
        result.noalias() += product;
      } else {
        result.noalias() = product;
      }
    } else if (accumulate) {
      const auto sum = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(rows * n));
      onednn::multiply(transpose_a, transpose_b, rows, n, k, a_rows, a_stride, b, sum.get());
      kernels().add(c_rows, sum.get(), c_rows, rows * n);
    } else {
      onednn::multiply(transpose_a, transpose_b, rows, n, k, a_rows, a_stride, b, c_rows);
    }
  });
}

}  // namespace loquor
