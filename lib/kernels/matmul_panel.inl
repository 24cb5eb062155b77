// Our own matmul: rows times one packed panel of 64 outputs, every sum over k in ascending order.

namespace loquor {
namespace {

// Inputs that are multiplied before the next rows and columns, so that their part of the panel
// stays in the first cache. Sums wait in y meanwhile, which changes no bit of them.
constexpr int64_t kInputsAtOnce = 128;

/// The product of a part of the inputs: a part of x (rows, inputs) and of a panel (inputs, 64).
struct PartialProduct {
  const float* x;
  int64_t x_stride;
  int64_t inputs;
  const float* panel;
  const float* bias;  // of the last part; else nullptr
  float* y;
  int64_t y_stride;
  bool first;  // sums start at 0, else where y left them
};

/// kRows rows from `row` times the 2 * kLanes outputs from `column`, of which `outputs` are stored.
template <int kRows>
inline void multiply_rows(const PartialProduct& part, int64_t row, int64_t column, int outputs) {
  const int low_lanes = outputs < kLanes ? outputs : kLanes;
  const int high_lanes = outputs - low_lanes < kLanes ? outputs - low_lanes : kLanes;
  float* y = part.y + row * part.y_stride + column;
  Vec low[kRows] = {};
  Vec high[kRows] = {};
  if (!part.first) {
    LOQUOR_UNROLL
    for (int i = 0; i < kRows; ++i) {
      low[i] = load(y + i * part.y_stride, low_lanes);
      if (high_lanes > 0) high[i] = load(y + i * part.y_stride + kLanes, high_lanes);
    }
  }
  const float* x = part.x + row * part.x_stride;
  const float* panel = part.panel + column;
  for (int64_t k = 0; k < part.inputs; ++k, panel += kPanelOutputs) {
    const Vec weight_low = load(panel);
    const Vec weight_high = load(panel + kLanes);
    LOQUOR_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const Vec value = set(x[i * part.x_stride + k]);
      low[i] = fma(value, weight_low, low[i]);
      high[i] = fma(value, weight_high, high[i]);
    }
  }
  Vec bias_low = {};
  Vec bias_high = {};
  if (part.bias != nullptr) {
    bias_low = load(part.bias + column, low_lanes);
    if (high_lanes > 0) bias_high = load(part.bias + column + kLanes, high_lanes);
  }
  LOQUOR_UNROLL
  for (int i = 0; i < kRows; ++i, y += part.y_stride) {
    store(y, low[i] + bias_low, low_lanes);
    if (high_lanes > 0) store(y + kLanes, high[i] + bias_high, high_lanes);
  }
}

/// The rows [row, rows), kRows at a time, then the rest with fewer at a time.
template <int kRows>
void multiply_all_rows(const PartialProduct& part, int64_t row, int64_t rows, int64_t column,
                       int outputs) {
  for (; row + kRows <= rows; row += kRows) multiply_rows<kRows>(part, row, column, outputs);
  if constexpr (kRows > 1) {
    if (row < rows) multiply_all_rows<kRows - 1>(part, row, rows, column, outputs);
  }
}

void matmul_panel_f32(const float* x, int64_t x_stride, int64_t rows, int64_t inputs,
                      const float* panel, const float* bias, float* y, int64_t y_stride,
                      int64_t outputs) {
  int64_t begin = 0;
  do {
    const int64_t left = inputs - begin;
    const bool last = left <= kInputsAtOnce;
    const PartialProduct part = {x + begin,
                                 x_stride,
                                 last ? left : kInputsAtOnce,
                                 panel + begin * kPanelOutputs,
                                 last ? bias : nullptr,
                                 y,
                                 y_stride,
                                 begin == 0};
    for (int64_t column = 0; column < outputs; column += 2 * kLanes) {
      multiply_all_rows<kRowsAtOnce>(part, 0, rows, column, static_cast<int>(outputs - column));
    }
    begin += kInputsAtOnce;
  } while (begin < inputs);
}

}  // namespace
}  // namespace loquor
