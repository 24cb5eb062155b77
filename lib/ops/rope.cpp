#include "ops/rope.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

constexpr std::int64_t kChunk = 256;  // positions that are made together

}  // namespace

RopeTable::RopeTable(const Runtime& runtime, std::vector<double> inverse_frequencies,
                     double attention_factor, std::int64_t positions)
    : runtime_(runtime),
      frequencies_(std::move(inverse_frequencies)),
      factor_(attention_factor),
      positions_(positions),
      chunks_(static_cast<std::size_t>((positions + kChunk - 1) / kChunk)),
      rows_(std::make_unique<std::atomic<const float*>[]>(chunks_.size())) {}

void RopeTable::grow(std::int64_t count) const {
  if (count > positions_) {
    fail(Code::context_full, "position ", count - 1, " is outside the model's ", positions_,
         " positions");
  }
  const auto pairs = static_cast<std::int64_t>(frequencies_.size());
  for (std::int64_t chunk = 0; chunk * kChunk < count; ++chunk) {
    const auto index = static_cast<std::size_t>(chunk);
    if (rows_[index].load(std::memory_order_acquire)) continue;
    const std::scoped_lock lock(growing_);
    if (rows_[index].load(std::memory_order_relaxed)) continue;
    constexpr std::int64_t kFloat = sizeof(float);
    Buffer made(runtime_, kChunk * 2 * pairs * kFloat, "rotary position table");
    float* out = made.as<float>();
    for (std::int64_t i = 0; i < kChunk; ++i, out += 2 * pairs) {
      const auto position = static_cast<double>(chunk * kChunk + i);
      for (std::int64_t pair = 0; pair < pairs; ++pair) {
        const double angle = position * frequencies_[static_cast<std::size_t>(pair)];
        out[pair] = static_cast<float>(std::cos(angle) * factor_);
        out[pairs + pair] = static_cast<float>(std::sin(angle) * factor_);
      }
    }
    chunks_[index] = std::move(made);
    rows_[index].store(chunks_[index].as<float>(), std::memory_order_release);
  }
}

const float* RopeTable::cosine(std::int64_t position) const noexcept {
  const float* chunk =
      rows_[static_cast<std::size_t>(position / kChunk)].load(std::memory_order_acquire);
  return chunk + position % kChunk * rotary();
}

const float* RopeTable::sine(std::int64_t position) const noexcept {
  return cosine(position) + rotary() / 2;
}

namespace {

// Rotates every row by its position's angle, or back.
void rotate(std::string_view op, Context& context, Tensor& x, const RopeHeads& heads,
            std::span<const std::int32_t> positions, const RopeTable& table, bool back) {
  expect_size(op, "positions", static_cast<std::int64_t>(positions.size()), x.rows());
  const std::int64_t last = heads.column + (heads.heads - 1) * heads.head_width;
  if (heads.column < 0 || last + table.rotary() > x.columns() ||
      table.rotary() > heads.head_width) {
    fail(Code::internal, op, ": ", heads.heads, " heads of width ", heads.head_width,
         " from column ", heads.column, ", rotary width ", table.rotary(), ", in a row of ",
         x.columns());
  }
  if (positions.empty()) return;
  const auto [low, high] = std::minmax_element(positions.begin(), positions.end());
  if (*low < kNoPosition) fail(Code::internal, op, ": position ", *low);
  table.grow(std::int64_t{*high} + 1);
  const std::int64_t pairs = table.rotary() / 2;
  parallel_rows(
      context, x.rows(), heads.heads * heads.head_width, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> negated(back ? static_cast<std::size_t>(pairs) : 0);
        for (std::int64_t row = begin; row < end; ++row) {
          const std::int64_t position = positions[static_cast<std::size_t>(row)];
          if (position == kNoPosition) continue;
          const float* sine = table.sine(position);
          if (back) {
            std::transform(sine, sine + pairs, negated.begin(), std::negate<>());
            sine = negated.data();
          }
          kernels().rope(x.row(row) + heads.column, table.cosine(position), sine, heads.heads,
                         heads.head_width, table.rotary(), heads.interleaved);
        }
      });
}

}  // namespace

void rope(Context& context, Tensor& x, const RopeHeads& heads,
          std::span<const std::int32_t> positions, const RopeTable& table) {
  rotate("rope", context, x, heads, positions, table, false);
}

void rope_backward(Context& context, Tensor& gradient, const RopeHeads& heads,
                   std::span<const std::int32_t> positions, const RopeTable& table) {
  rotate("rope_backward", context, gradient, heads, positions, table, true);
}

}  // namespace loquor
