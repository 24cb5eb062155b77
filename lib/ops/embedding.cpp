#include "ops/embedding.h"

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

void check_ids(std::span<const std::int32_t> ids, std::int64_t vocabulary) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= 0 && ids[i] < vocabulary) continue;
    fail(Code::invalid_argument, "token id ", ids[i], " at index ", i,
         " is outside the vocabulary of ", vocabulary, " tokens");
  }
}

Tensor embed(Context& context, std::span<const std::int32_t> ids, const Weight& weight,
             float scale) {
  check_ids(ids, weight.outputs());
  Tensor y = context.take(static_cast<std::int64_t>(ids.size()), weight.inputs());
  parallel_rows(context, y.rows(), y.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      weight.row(ids[static_cast<std::size_t>(row)], y.row(row));
      if (scale == 1) continue;
      for (std::int64_t c = 0; c < y.columns(); ++c) y.row(row)[c] *= scale;
    }
  });
  return y;
}

void embed_backward(Context& context, std::span<const std::int32_t> ids, const Tensor& y_gradient,
                    float scale, float* weight_gradient, std::int64_t vocabulary) {
  const auto rows = static_cast<std::int64_t>(ids.size());
  const std::int64_t columns = y_gradient.columns();
  expect_shape("embed_backward", "y_gradient", y_gradient, rows, columns);
  check_ids(ids, vocabulary);
  constexpr std::int64_t kColumns = 64;  // threads take columns, so that equal ids add in order
  context.pool().parallel_for(columns, kColumns, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = 0; row < rows; ++row) {
      float* sums = weight_gradient + ids[static_cast<std::size_t>(row)] * columns;
      for (std::int64_t c = begin; c < end; ++c) sums[c] += scale * y_gradient.row(row)[c];
    }
  });
}

Tensor add_positions(Context& context, Tensor x, std::span<const std::int32_t> positions,
                     const Weight& table) {
  expect_shape("add_positions", "x", x, static_cast<std::int64_t>(positions.size()),
               table.inputs());
  for (const std::int32_t position : positions) {
    if (position >= 0 && position < table.outputs()) continue;
    fail(Code::context_full, "position ", position, " is outside the model's ", table.outputs(),
         " positions");
  }
  Tensor y = x.unique() ? x : context.take(x.rows(), x.columns());
  Tensor rows = context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      table.row(positions[static_cast<std::size_t>(row)], rows.row(row));
      kernels().add(x.row(row), rows.row(row), y.row(row), x.columns());
    }
  });
  return y;
}

}  // namespace loquor
