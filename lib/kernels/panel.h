// Sizes of a packed panel: all inputs of 64 outputs, as oneDNN's BA16a64b (f32) and BA16a64b2a
// (bf16) lay them.
#pragma once

#include <cstdint>

#include "kernels/matmul.h"
#include "kernels/table.h"

namespace loquor {

/// Inputs of a panel with the zeros that fill its last group: 16 in f32, 16 pairs in bf16.
constexpr std::int64_t panel_inputs(ComputeType type, std::int64_t inputs) {
  const std::int64_t group = type == ComputeType::bf16 ? 32 : 16;
  return (inputs + group - 1) / group * group;
}

constexpr std::int64_t panel_bytes(ComputeType type, std::int64_t inputs) {
  return panel_inputs(type, inputs) * kPanelOutputs * (type == ComputeType::bf16 ? 2 : 4);
}

constexpr std::int64_t panel_count(std::int64_t outputs) {
  return (outputs + kPanelOutputs - 1) / kPanelOutputs;
}

}  // namespace loquor
