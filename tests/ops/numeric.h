// Random tensors, and gradients by central differences of the double reference.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "kernels/reference.h"
#include "ops/parameter.h"
#include "ops/tensor.h"

namespace loquor::tests {

using Matrix = reference::Matrix<double>;
using Row = reference::Row<double>;

inline Runtime runtime(int threads = 2) {
  RuntimeOptions options;
  options.threads = threads;
  return Runtime(options);
}

/// A context whose workspace hands out memory full of NaN, so that an op which reads before it
/// writes is seen.
inline Context context_of_garbage(int threads = 2) {
  Context context(runtime(threads));
  std::vector<Tensor> taken;
  for (std::int64_t size = 16; size <= 1 << 18; size *= 2) {
    for (int i = 0; i < 6; ++i) {
      taken.push_back(context.take(1, size));
      std::fill_n(taken.back().data(), size, NAN);
    }
  }
  return context;
}

inline std::vector<float> random_values(std::int64_t count, unsigned seed, float scale = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(generator);
  return values;
}

inline Tensor random_tensor(Context& context, std::int64_t rows, std::int64_t columns,
                            unsigned seed, float scale = 1) {
  Tensor tensor = context.take(rows, columns);
  const auto values = random_values(tensor.size(), seed, scale);
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

inline Tensor copy(Context& context, const Tensor& tensor) {
  Tensor result = context.take(tensor.rows(), tensor.columns());
  std::copy_n(tensor.data(), tensor.size(), result.data());
  return result;
}

inline Matrix matrix(const Tensor& tensor) {
  return reference::matrix<double>(tensor.data(), tensor.rows(), tensor.columns());
}

inline Matrix matrix(std::span<const float> values, std::int64_t rows, std::int64_t columns) {
  return reference::matrix<double>(values.data(), rows, columns);
}

inline Row row(std::span<const float> values) {
  return reference::row<double>(values.data(), static_cast<std::int64_t>(values.size()));
}

/// The largest difference, relative to the largest expected element; infinity for NaN or different
/// shapes.
inline double difference(const Matrix& found, const Matrix& expected) {
  if (found.rows() != expected.rows() || found.cols() != expected.cols()) return INFINITY;
  if (found.size() == 0) return 0;
  if (!found.allFinite()) return INFINITY;
  return (found - expected).cwiseAbs().maxCoeff() / std::max(1e-30, expected.cwiseAbs().maxCoeff());
}

inline double difference(const Tensor& found, const Matrix& expected) {
  return difference(matrix(found), expected);
}

inline double difference(std::span<const float> found, const Matrix& expected) {
  if (static_cast<Eigen::Index>(found.size()) != expected.size()) return INFINITY;
  return difference(matrix(found, expected.rows(), expected.cols()), expected);
}

/// The gradient at x of the sum of forward(x) * y_gradient, by central differences.
template <class Forward>
Matrix numeric_gradient(Matrix x, const Matrix& y_gradient, Forward&& forward) {
  constexpr double kStep = 1e-5;
  Matrix gradient(x.rows(), x.cols());
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double at = x.data()[i];
    const auto sum = [&](double value) {
      x.data()[i] = value;
      return Matrix(forward(x)).cwiseProduct(y_gradient).sum();
    };
    gradient.data()[i] = (sum(at + kStep) - sum(at - kStep)) / (2 * kStep);
    x.data()[i] = at;
  }
  return gradient;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return a.rows() == b.rows() && a.columns() == b.columns() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

/// The message of the Error that fn throws with that code; a failed check where it throws none or
/// another.
template <class Function>
std::string error_of(Code code, Function&& fn) {
  try {
    fn();
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  FAIL_CHECK("no error was thrown");
  return {};
}

}  // namespace loquor::tests
