// Rows and columns of the ops spread over threads, in parts that do not depend on how many threads
// there are.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "ops/tensor.h"

namespace loquor {

/// Calls fn(begin, end) for parts of the rows, of about 16k elements each: the smallest work that
/// is worth another thread.
template <class Function>
void parallel_rows(Context& context, std::int64_t rows, std::int64_t columns, Function&& fn) {
  constexpr std::int64_t kElements = 16 * 1024;
  const std::int64_t grain =
      std::max<std::int64_t>(1, kElements / std::max<std::int64_t>(1, columns));
  context.pool().parallel_for(rows, grain, fn);
}

/// sums[c] += term(row, c) over all rows: the gradient of what every row shares. Threads take
/// columns and add rows in ascending order, in double.
template <class Term>
void add_over_rows(Context& context, std::int64_t rows, std::int64_t columns, float* sums,
                   Term&& term) {
  constexpr std::int64_t kColumns = 64;
  context.pool().parallel_for(columns, kColumns, [&](std::int64_t begin, std::int64_t end) {
    std::array<double, kColumns> total{};
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t c = begin; c < end; ++c) {
        total[static_cast<std::size_t>(c - begin)] += term(row, c);
      }
    }
    for (std::int64_t c = begin; c < end; ++c) {
      sums[c] += static_cast<float>(total[static_cast<std::size_t>(c - begin)]);
    }
  });
}

/// Runs task(index, scratch) for all indices. As many run at once as there are threads, each with a
/// scratch of its own of so many floats, 64-byte aligned; which runs where changes no result. A
/// cancel ends it between tasks.
template <class Task>
void for_each_task(Context& context, std::int64_t tasks, std::int64_t scratch_size, Task&& task) {
  const std::int64_t lanes = std::min<std::int64_t>(context.pool().threads(), tasks);
  Tensor scratch = context.take(lanes, (scratch_size + 15) / 16 * 16);
  std::atomic<std::int64_t> next{0};
  context.pool().parallel_for(lanes, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t lane = begin; lane < end; ++lane) {
      for (std::int64_t i = next++; i < tasks; i = next++) {
        context.check_cancelled();
        task(i, scratch.row(lane));
      }
    }
  });
}

}  // namespace loquor
