#include "ops/norm.h"

#include <cmath>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

// The mean of term(c) over c < columns, summed in double.
template <class Term>
double mean(std::int64_t columns, Term&& term) {
  double sum = 0;
  for (std::int64_t c = 0; c < columns; ++c) sum += term(c);
  return sum / static_cast<double>(columns);
}

// What normalisation was applied to each row: x -> (x - mean) * scale.
struct RowStatistics {
  Tensor values;  // (N, 2)
  RowStatistics(Context& context, const Tensor& x, float epsilon, bool centred)
      : values(context.take(x.rows(), 2)) {
    parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const float* in = x.row(row);
        const double centre =
            centred ? mean(x.columns(), [&](std::int64_t c) { return in[c]; }) : 0.0;
        const double square =
            mean(x.columns(), [&](std::int64_t c) { return (in[c] - centre) * (in[c] - centre); });
        values.row(row)[0] = static_cast<float>(centre);
        values.row(row)[1] = static_cast<float>(1 / std::sqrt(square + epsilon));
      }
    });
  }
  float normalised(const Tensor& x, std::int64_t row, std::int64_t c) const {
    return (x.row(row)[c] - values.row(row)[0]) * values.row(row)[1];
  }
};

// With n = (x - mean) * scale and g = y_gradient * weight:
//   dx = scale * (g - mean(g) - n * mean(g n)),   without mean(g) where x was not centred.
Tensor norm_backward(Context& context, const Tensor& x, const Vector& weight,
                     const RowStatistics& statistics, bool centred, const Tensor& y_gradient,
                     float* weight_gradient) {
  const std::int64_t columns = x.columns();
  Tensor x_gradient = context.take(x.rows(), columns);
  parallel_rows(context, x.rows(), columns, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const auto g = [&](std::int64_t c) -> double {
        return y_gradient.row(row)[c] * weight.data()[c];
      };
      const auto n = [&](std::int64_t c) -> double { return statistics.normalised(x, row, c); };
      const double mean_g = centred ? mean(columns, g) : 0.0;
      const double mean_gn = mean(columns, [&](std::int64_t c) { return g(c) * n(c); });
      const double scale = statistics.values.row(row)[1];
      for (std::int64_t c = 0; c < columns; ++c) {
        x_gradient.row(row)[c] = static_cast<float>(scale * (g(c) - mean_g - n(c) * mean_gn));
      }
    }
  });
  if (weight_gradient) {
    add_over_rows(context, x.rows(), columns, weight_gradient,
                  [&](std::int64_t row, std::int64_t c) {
                    return y_gradient.row(row)[c] * statistics.normalised(x, row, c);
                  });
  }
  return x_gradient;
}

}  // namespace

Tensor rms_norm(Context& context, const Tensor& x, const Vector& weight, float epsilon) {
  expect_size("rms_norm", "weight", weight.size(), x.columns());
  Tensor y = context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    kernels().rms_norm(x.row(begin), weight.data(), epsilon, y.row(begin), end - begin,
                       x.columns());
  });
  return y;
}

Tensor rms_norm_backward(Context& context, const Tensor& x, const Vector& weight, float epsilon,
                         const Tensor& y_gradient, float* weight_gradient) {
  expect_size("rms_norm_backward", "weight", weight.size(), x.columns());
  expect_shape("rms_norm_backward", "y_gradient", y_gradient, x.rows(), x.columns());
  const RowStatistics statistics(context, x, epsilon, false);
  return norm_backward(context, x, weight, statistics, false, y_gradient, weight_gradient);
}

Tensor layer_norm(Context& context, const Tensor& x, const Vector& weight, const Vector& bias,
                  float epsilon) {
  expect_size("layer_norm", "weight", weight.size(), x.columns());
  if (bias) expect_size("layer_norm", "bias", bias.size(), x.columns());
  Tensor y = context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    kernels().layer_norm(x.row(begin), weight.data(), bias.data(), epsilon, y.row(begin),
                         end - begin, x.columns());
  });
  return y;
}

Tensor layer_norm_backward(Context& context, const Tensor& x, const Vector& weight, float epsilon,
                           const Tensor& y_gradient, float* weight_gradient, float* bias_gradient) {
  expect_size("layer_norm_backward", "weight", weight.size(), x.columns());
  expect_shape("layer_norm_backward", "y_gradient", y_gradient, x.rows(), x.columns());
  if (bias_gradient) {
    add_over_rows(context, x.rows(), x.columns(), bias_gradient,
                  [&](std::int64_t row, std::int64_t c) { return y_gradient.row(row)[c]; });
  }
  const RowStatistics statistics(context, x, epsilon, true);
  return norm_backward(context, x, weight, statistics, true, y_gradient, weight_gradient);
}

}  // namespace loquor
