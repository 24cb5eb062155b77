#include "ops/add.h"

#include <utility>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

void add_to(Context& context, const Tensor& a, const Tensor& b, Tensor& sum) {
  parallel_rows(context, a.rows(), a.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      kernels().add(a.row(row), b.row(row), sum.row(row), a.columns());
    }
  });
}

}  // namespace

Tensor add(Context& context, const Tensor& a, const Tensor& b) {
  expect_shape("add", "b", b, a.rows(), a.columns());
  Tensor sum = context.take(a.rows(), a.columns());
  add_to(context, a, b, sum);
  return sum;
}

Tensor add(Context& context, Tensor&& a, const Tensor& b) {
  if (!a.unique()) return add(context, std::as_const(a), b);
  expect_shape("add", "b", b, a.rows(), a.columns());
  add_to(context, a, b, a);
  return std::move(a);
}

}  // namespace loquor
