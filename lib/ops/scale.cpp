#include "ops/scale.h"

#include "ops/parallel.h"

namespace loquor {

Tensor scale(Context& context, Tensor x, float factor) {
  Tensor y = x.unique() ? x : context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * x.columns(); i < end * x.columns(); ++i) {
      y.data()[i] = x.data()[i] * factor;
    }
  });
  return y;
}

}  // namespace loquor
