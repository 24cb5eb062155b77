#include "ops/soft_cap.h"

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

Tensor soft_cap(Context& context, Tensor x, float cap) {
  Tensor y = x.unique() ? x : context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t count = (end - begin) * x.columns();
    const float* in = x.row(begin);
    float* out = y.row(begin);
    for (std::int64_t i = 0; i < count; ++i) out[i] = in[i] / cap;
    kernels().tanh(out, out, count);
    for (std::int64_t i = 0; i < count; ++i) out[i] *= cap;
  });
  return y;
}

Tensor soft_cap_backward(Context& context, const Tensor& y, float cap, const Tensor& y_gradient) {
  expect_shape("soft_cap_backward", "y_gradient", y_gradient, y.rows(), y.columns());
  Tensor x_gradient = context.take(y.rows(), y.columns());
  parallel_rows(context, y.rows(), y.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * y.columns(); i < end * y.columns(); ++i) {
      const float bent = y.data()[i] / cap;
      x_gradient.data()[i] = y_gradient.data()[i] * (1 - bent * bent);
    }
  });
  return x_gradient;
}

}  // namespace loquor
