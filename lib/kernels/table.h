// The kernel table: one set of function pointers an instruction set, chosen once. Row kernels take
// raw pointers, run on the calling thread, never throw, and give each row's result from that row
// alone.
#pragma once

#include <cstdint>

#include "kernels/isa.h"

namespace loquor {

/// How keys and values are stored in a cache block (see attention.h).
enum class CacheType { f32, bf16 };

/// One tile of attention: up to kTilePositions positions of one kv head, for the query rows that
/// share it.
struct AttentionTile {
  const float* queries;  // (rows, D), scaled
  std::int64_t rows;
  std::int64_t head_width;  // D, a multiple of 2
  // That kv head's keys and values, one pointer a block of 32 positions; blocks that no row sees
  // are not read.
  const void* const* keys;
  const void* const* values;
  CacheType type;
  // (rows) The positions that each row sees, relative to the tile: [first, last), of which only
  // those within the tile count; none where last <= first.
  const std::int32_t* first;
  const std::int32_t* last;
  // Scores become soft_cap * tanh(scores / soft_cap); 0: they stay.
  float soft_cap = 0;
  // (rows) What is then added to a row's scores, by position in the tile; read where the row sees
  // only. nullptr: nothing.
  const float* const* biases = nullptr;
  // Results: maximum of the visible scores (-infinity if none), sum of exp(score - maximum), and
  // the sum of exp(score - maximum) * value.
  float* maximum;  // (rows)
  float* sum;      // (rows)
  float* output;   // (rows, D)
};

/// Outputs of a packed panel of weights (see matmul.h).
constexpr std::int64_t kPanelOutputs = 64;

struct KernelTable {
  Isa isa;

  // y = x / sqrt(mean(x^2) + epsilon) * weight; x, y: (rows, columns); y may be x. (Zhang &
  // Sennrich 2019)
  void (*rms_norm)(const float* x, const float* weight, float epsilon, float* y, std::int64_t rows,
                   std::int64_t columns);
  // y = (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016); y may be x, bias
  // nullptr.
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float epsilon,
                     float* y, std::int64_t rows, std::int64_t columns);
  // Element-wise; y may be x.
  void (*silu)(const float* x, float* y, std::int64_t count);
  void (*gelu)(const float* x, float* y, std::int64_t count);        // with erf
  void (*gelu_tanh)(const float* x, float* y, std::int64_t count);   // the tanh form of GPT-2
  void (*quick_gelu)(const float* x, float* y, std::int64_t count);  // x * sigmoid(1.702 x)
  void (*relu)(const float* x, float* y, std::int64_t count);
  void (*relu_squared)(const float* x, float* y, std::int64_t count);
  void (*sigmoid)(const float* x, float* y, std::int64_t count);
  void (*tanh)(const float* x, float* y, std::int64_t count);
  void (*add)(const float* a, const float* b, float* y, std::int64_t count);
  void (*multiply)(const float* a, const float* b, float* y, std::int64_t count);
  // y = exp(x - max(x)) / sum, a row at a time; y may be x.
  void (*softmax)(const float* x, float* y, std::int64_t rows, std::int64_t columns);
  // Rotates one row of `heads` heads in place by the angles whose cosine and sine are given,
  // (rotary / 2) each; elements past `rotary` of each head stay. Pairs are (i, i + rotary / 2), or
  // (2i, 2i + 1) when interleaved. (Su et al. 2021)
  void (*rope)(float* x, const float* cosine, const float* sine, std::int64_t heads,
               std::int64_t head_width, std::int64_t rotary, bool interleaved);
  // Rounds to nearest, ties to even.
  void (*to_bf16)(const float* x, std::uint16_t* y, std::int64_t count);
  void (*attention_tile)(const AttentionTile& tile);
  // Our own matmul on packed panels (see matmul.h): rows times one panel, (inputs, 64), of which
  // `outputs` count; sums over k in ascending order; bias may be nullptr.
  void (*matmul_panel_f32)(const float* x, std::int64_t x_stride, std::int64_t rows,
                           std::int64_t inputs, const float* panel, const float* bias, float* y,
                           std::int64_t y_stride, std::int64_t outputs);
};

/// The table of chosen_isa().
const KernelTable& kernels();
/// The table of one instruction set, for tests; nullptr where the machine lacks it.
const KernelTable* kernels(Isa isa);

// What kernels() chooses from; the last two exist on x86-64 only.
extern const KernelTable scalar_kernels;
extern const KernelTable avx2_kernels;
extern const KernelTable avx512_kernels;

}  // namespace loquor
