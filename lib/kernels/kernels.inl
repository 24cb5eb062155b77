// Every kernel, written once over Vec. Included once by each of scalar.cpp, avx2.cpp and avx512.cpp
// after its simd_<isa>.h; a new kernel is a new .inl here and a new entry of KernelTable.

#include "kernels/attention.h"
#include "kernels/simd.h"
#include "kernels/table.h"
//
#include "kernels/exponential.inl"
//
#include "kernels/attention.inl"
#include "kernels/elementwise.inl"
#include "kernels/matmul_panel.inl"
#include "kernels/rope.inl"
#include "kernels/rows.inl"

namespace loquor {
namespace {

constexpr KernelTable table_of(Isa isa) {
  return {.isa = isa,
          .rms_norm = rms_norm,
          .layer_norm = layer_norm,
          .silu = silu,
          .gelu = gelu,
          .gelu_tanh = gelu_tanh,
          .quick_gelu = quick_gelu,
          .relu = relu,
          .relu_squared = relu_squared,
          .sigmoid = sigmoid,
          .tanh = tanh,
          .add = add,
          .multiply = multiply,
          .softmax = softmax,
          .rope = rope,
          .to_bf16 = to_bf16,
          .attention_tile = attention_tile,
          .matmul_panel_f32 = matmul_panel_f32};
}

}  // namespace
}  // namespace loquor
