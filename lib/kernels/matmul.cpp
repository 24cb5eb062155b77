// Packing weights, and multiplying them in slices that threads share.
#include "kernels/matmul.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/bf16.h"
#include "kernels/onednn.h"
#include "kernels/panel.h"
#include "kernels/table.h"

namespace loquor {

namespace {

// Where input k of output o lies in a panel, in elements.
std::int64_t panel_index(ComputeType type, std::int64_t k, std::int64_t o) {
  return type == ComputeType::bf16 ? (k / 2 * kPanelOutputs + o) * 2 + k % 2
                                   : k * kPanelOutputs + o;
}

// Packs `count` rows (count, inputs) into a zeroed panel, 16 inputs at a time so that reads and
// writes stay in cache.
template <class Element, class Convert>
void pack_panel(ComputeType type, const float* rows, std::int64_t count, std::int64_t inputs,
                Element* panel, Convert convert) {
  for (std::int64_t begin = 0; begin < inputs; begin += 16) {
    const std::int64_t end = std::min(begin + 16, inputs);
    for (std::int64_t o = 0; o < count; ++o) {
      for (std::int64_t k = begin; k < end; ++k)
        panel[panel_index(type, k, o)] = convert(rows[o * inputs + k]);
    }
  }
}

// The rows of slice `index` of `rows`: 64 at a time, then a multiple of 16, then the rest.
struct Slice {
  std::int64_t begin;
  std::int64_t count;
};

constexpr std::int64_t kSliceRows = onednn::PackedMatmul::kRows;

std::int64_t slice_count(std::int64_t rows) {
  const std::int64_t rest = rows % kSliceRows;
  return rows / kSliceRows + (rest >= 16 ? 1 : 0) + (rest % 16 > 0 ? 1 : 0);
}

Slice slice(std::int64_t rows, std::int64_t index) {
  const std::int64_t whole = rows / kSliceRows;
  if (index < whole) return {index * kSliceRows, kSliceRows};
  const std::int64_t rest = rows % kSliceRows;
  const std::int64_t sixteens = rest / 16 * 16;
  if (index == whole && sixteens > 0) return {whole * kSliceRows, sixteens};
  return {whole * kSliceRows + sixteens, rest % 16};
}

void matmul_onednn(ThreadPool& pool, const std::byte* x, std::int64_t rows,
                   const PackedMatrix& weight, const float* bias, float* y) {
  const auto& onednn = *weight.onednn();
  const std::int64_t outputs = weight.outputs();
  const std::int64_t row_bytes = weight.inputs() * (weight.type() == ComputeType::bf16 ? 2 : 4);
  const auto* panels = static_cast<const std::byte*>(weight.data());
  const std::int64_t column_bytes = panel_bytes(weight.type(), weight.inputs()) / kPanelOutputs;
  const std::int64_t slices = slice_count(rows);
  const std::int64_t column_slices = (outputs + onednn.columns() - 1) / onednn.columns();

  pool.parallel_for(slices * column_slices, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      // Slices of the same columns follow each other, so that their weights stay in cache.
      const auto [row, count] = slice(rows, task % slices);
      const std::int64_t column = task / slices * onednn.columns();
      const std::int64_t columns = std::min(onednn.columns(), outputs - column);
      float* to = y + row * outputs + column;
      // oneDNN's fast matmul writes dense rows only.
      const bool direct = count == 1 || columns == outputs;
      const auto dense =
          direct
              ? nullptr
              : std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(count * columns));
      float* from = direct ? to : dense.get();
      onednn.run(count, columns, x + row * row_bytes, panels + column * column_bytes, from);
      if (direct && bias == nullptr) continue;
      for (std::int64_t i = 0; i < count; ++i, from += columns, to += outputs) {
        if (bias != nullptr) {
          kernels().add(from, bias + column, to, columns);
        } else {
          std::memcpy(to, from, static_cast<std::size_t>(columns) * sizeof(float));
        }
      }
    }
  });
}

void matmul_panels(ThreadPool& pool, const float* x, std::int64_t rows, const PackedMatrix& weight,
                   const float* bias, float* y) {
  const std::int64_t outputs = weight.outputs();
  const std::int64_t inputs = weight.inputs();
  const std::int64_t panel_size = panel_inputs(ComputeType::f32, inputs) * kPanelOutputs;
  const auto* panels = static_cast<const float*>(weight.data());
  const std::int64_t slices = slice_count(rows);
  pool.parallel_for(slices * panel_count(outputs), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const auto [row, count] = slice(rows, task % slices);
      const std::int64_t panel = task / slices;
      const std::int64_t column = panel * kPanelOutputs;
      kernels().matmul_panel_f32(
          x + row * inputs, inputs, count, inputs, panels + panel * panel_size,
          bias == nullptr ? nullptr : bias + column, y + row * outputs + column, outputs,
          std::min(kPanelOutputs, outputs - column));
    }
  });
}

}  // namespace

std::string_view name(ComputeType type) { return type == ComputeType::bf16 ? "bf16" : "f32"; }

PackedMatrix PackedMatrix::pack(const Runtime& runtime, ComputeType type, std::int64_t outputs,
                                std::int64_t inputs,
                                const std::function<void(std::int64_t, std::int64_t, float*)>& rows,
                                std::string_view what) {
  PackedMatrix packed;
  packed.outputs_ = outputs;
  packed.inputs_ = inputs;
  packed.onednn_ = onednn::PackedMatmul::find(type, outputs, inputs);
  packed.type_ = type;
  if (type == ComputeType::bf16 && packed.onednn_ == nullptr) packed.type_ = ComputeType::f32;
  const std::int64_t bytes = panel_bytes(packed.type_, inputs);
  packed.data_ = Buffer(runtime, panel_count(outputs) * bytes, what);

  std::byte* panels = packed.data_.as();
  runtime.state().pool().parallel_for(
      panel_count(outputs), 1, [&](std::int64_t begin, std::int64_t end) {
        const auto source = std::make_unique_for_overwrite<float[]>(
            static_cast<std::size_t>(kPanelOutputs * inputs));
        for (std::int64_t panel = begin; panel < end; ++panel) {
          const std::int64_t first = panel * kPanelOutputs;
          const std::int64_t count = std::min(kPanelOutputs, outputs - first);
          rows(first, count, source.get());
          std::byte* to = panels + panel * bytes;
          if (packed.type_ == ComputeType::bf16) {
            pack_panel(packed.type_, source.get(), count, inputs,
                       reinterpret_cast<std::uint16_t*>(to), bf16_of);
          } else if (type == ComputeType::bf16) {
            pack_panel(packed.type_, source.get(), count, inputs, reinterpret_cast<float*>(to),
                       [](float value) { return float_of(bf16_of(value)); });
          } else {
            pack_panel(packed.type_, source.get(), count, inputs, reinterpret_cast<float*>(to),
                       [](float value) { return value; });
          }
        }
      });
  return packed;
}

void PackedMatrix::row(std::int64_t output, float* out) const {
  const std::int64_t o = output % kPanelOutputs;
  const std::byte* panel = data_.as() + output / kPanelOutputs * panel_bytes(type_, inputs_);
  for (std::int64_t k = 0; k < inputs_; ++k) {
    const std::int64_t index = panel_index(type_, k, o);
    out[k] = type_ == ComputeType::bf16
                 ? float_of(reinterpret_cast<const std::uint16_t*>(panel)[index])
                 : reinterpret_cast<const float*>(panel)[index];
  }
}

std::int64_t matmul_scratch_bytes(const PackedMatrix& weight, std::int64_t rows) {
  return weight.type() == ComputeType::bf16 ? rows * weight.inputs() * 2 : 0;
}

void matmul(ThreadPool& pool, const float* x, std::int64_t rows, const PackedMatrix& weight,
            const float* bias, float* y, void* scratch) {
  if (rows == 0 || weight.outputs() == 0) return;
  if (weight.onednn() == nullptr) return matmul_panels(pool, x, rows, weight, bias, y);
  if (weight.type() == ComputeType::f32) {
    return matmul_onednn(pool, reinterpret_cast<const std::byte*>(x), rows, weight, bias, y);
  }
  auto* rounded = static_cast<std::uint16_t*>(scratch);
  pool.parallel_for(rows * weight.inputs(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
    kernels().to_bf16(x + begin, rounded + begin, end - begin);
  });
  matmul_onednn(pool, static_cast<const std::byte*>(scratch), rows, weight, bias, y);
}

std::string matmul_implementation(ComputeType type) {
  if (const auto onednn = onednn::PackedMatmul::find(type, kPanelOutputs, kPanelOutputs)) {
    return "onednn " + onednn->implementation();
  }
  return "loquor panel " + std::string(name(chosen_isa()));
}

}  // namespace loquor
