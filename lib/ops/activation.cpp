#include "ops/activation.h"

#include <cmath>
#include <numbers>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

using Kernel = void (*)(const float* x, float* y, std::int64_t count);

Kernel kernel(Activation activation) {
  switch (activation) {
    case Activation::silu:
      return kernels().silu;
    case Activation::gelu:
      return kernels().gelu;
    case Activation::gelu_tanh:
      return kernels().gelu_tanh;
    case Activation::quick_gelu:
      return kernels().quick_gelu;
    case Activation::relu:
      return kernels().relu;
    case Activation::relu_squared:
      return kernels().relu_squared;
    case Activation::sigmoid:
      return kernels().sigmoid;
    case Activation::tanh:
      return kernels().tanh;
  }
  fail(Code::internal, "activation ", static_cast<int>(activation), " is not known");
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// d activation(x) / dx
float derivative(Activation activation, float x) {
  switch (activation) {
    case Activation::silu: {
      const float gate = sigmoid(x);
      return gate * (1 + x * (1 - gate));
    }
    case Activation::gelu: {
      const float phi = std::exp(-x * x / 2) * std::numbers::inv_sqrtpi_v<float> *
                        (std::numbers::sqrt2_v<float> / 2);
      return (1 + std::erf(x * (std::numbers::sqrt2_v<float> / 2))) / 2 + x * phi;
    }
    case Activation::gelu_tanh: {
      constexpr float kScale =
          std::numbers::sqrt2_v<float> * std::numbers::inv_sqrtpi_v<float>;  // sqrt(2 / pi)
      constexpr float kCube = 0.044715F;
      const float tanh = std::tanh(kScale * (x + kCube * x * x * x));
      return (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * kScale * (1 + 3 * kCube * x * x);
    }
    case Activation::quick_gelu: {
      constexpr float kSlope = 1.702F;
      const float gate = sigmoid(kSlope * x);
      return gate * (1 + kSlope * x * (1 - gate));
    }
    case Activation::relu:
      return x > 0 ? 1.0F : 0.0F;
    case Activation::relu_squared:
      return x > 0 ? 2 * x : 0.0F;
    case Activation::sigmoid: {
      const float gate = sigmoid(x);
      return gate * (1 - gate);
    }
    case Activation::tanh: {
      const float y = std::tanh(x);
      return 1 - y * y;
    }
  }
  return 0;
}

}  // namespace

Tensor activate(Context& context, Tensor x, Activation activation) {
  const Kernel apply = kernel(activation);
  Tensor y = x.unique() ? x : context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) apply(x.row(row), y.row(row), x.columns());
  });
  return y;
}

Tensor activate_backward(Context& context, const Tensor& x, Activation activation,
                         const Tensor& y_gradient) {
  expect_shape("activate_backward", "y_gradient", y_gradient, x.rows(), x.columns());
  Tensor x_gradient = context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * x.columns(); i < end * x.columns(); ++i) {
      x_gradient.data()[i] = y_gradient.data()[i] * derivative(activation, x.data()[i]);
    }
  });
  return x_gradient;
}

Tensor gated_activation(Context& context, const Tensor& x, Activation activation) {
  const std::int64_t width = x.columns() / 2;
  expect_shape("gated_activation", "x", x, x.rows(), 2 * width);
  const Kernel apply = kernel(activation);
  Tensor y = context.take(x.rows(), width);
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      apply(x.row(row), y.row(row), width);
      kernels().multiply(y.row(row), x.row(row) + width, y.row(row), width);
    }
  });
  return y;
}

Tensor gated_activation_backward(Context& context, const Tensor& x, Activation activation,
                                 const Tensor& y_gradient) {
  const std::int64_t width = x.columns() / 2;
  expect_shape("gated_activation_backward", "x", x, x.rows(), 2 * width);
  expect_shape("gated_activation_backward", "y_gradient", y_gradient, x.rows(), width);
  const Kernel apply = kernel(activation);
  Tensor x_gradient = context.take(x.rows(), x.columns());
  parallel_rows(context, x.rows(), x.columns(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float *gate = x.row(row), *up = x.row(row) + width, *dy = y_gradient.row(row);
      float *d_gate = x_gradient.row(row), *d_up = x_gradient.row(row) + width;
      apply(gate, d_up, width);
      kernels().multiply(d_up, dy, d_up, width);
      for (std::int64_t c = 0; c < width; ++c) {
        d_gate[c] = dy[c] * up[c] * derivative(activation, gate[c]);
      }
    }
  });
  return x_gradient;
}

}  // namespace loquor
