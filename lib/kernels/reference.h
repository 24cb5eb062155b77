// The readable reference of every kernel, over float or double: the oracle of the tests, and the
// forward whose finite differences check gradients. Written as the papers write it, one row at a
// time; never on the path of a model.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "kernels/eigen.h"

namespace loquor::reference {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Scalar>
using Row = Eigen::Matrix<Scalar, 1, Eigen::Dynamic>;

/// A copy of plain f32 rows, (rows, columns).
template <class Scalar>
Matrix<Scalar> matrix(const float* data, std::int64_t rows, std::int64_t columns) {
  return Eigen::Map<const Matrix<float>>(data, rows, columns).template cast<Scalar>();
}

template <class Scalar>
Row<Scalar> row(const float* data, std::int64_t columns) {
  return matrix<Scalar>(data, 1, columns);
}

/// x (N, inputs) times weight (outputs, inputs) transposed, plus bias (outputs) where it is not
/// empty: (N, outputs)
template <class Scalar>
Matrix<Scalar> linear(const Matrix<Scalar>& x, const Matrix<Scalar>& weight,
                      const Row<Scalar>& bias = {}) {
  Matrix<Scalar> y = x * weight.transpose();
  if (bias.size() > 0) y.rowwise() += bias;
  return y;
}

/// op(a) * op(b), either transposed where told: (m, n)
template <class Scalar>
Matrix<Scalar> matmul(const Matrix<Scalar>& a, bool transpose_a, const Matrix<Scalar>& b,
                      bool transpose_b) {
  const Matrix<Scalar> left = transpose_a ? Matrix<Scalar>(a.transpose()) : a;
  const Matrix<Scalar> right = transpose_b ? Matrix<Scalar>(b.transpose()) : b;
  return left * right;
}

/// x / sqrt(mean(x^2) + epsilon) * weight; x (N, C), weight (C). https://arxiv.org/abs/1910.07467
template <class Scalar>
Matrix<Scalar> rms_norm(const Matrix<Scalar>& x, const Row<Scalar>& weight, Scalar epsilon) {
  Matrix<Scalar> y = x;
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    const Scalar mean_square = x.row(n).squaredNorm() / static_cast<Scalar>(x.cols());
    y.row(n) = (x.row(n) / std::sqrt(mean_square + epsilon)).cwiseProduct(weight);
  }
  return y;
}

/// (x - mean) / sqrt(variance + epsilon) * weight + bias; x (N, C), weight and bias (C), either may
/// be empty. https://arxiv.org/abs/1607.06450
template <class Scalar>
Matrix<Scalar> layer_norm(const Matrix<Scalar>& x, const Row<Scalar>& weight,
                          const Row<Scalar>& bias, Scalar epsilon) {
  Matrix<Scalar> y = x;
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    const Row<Scalar> centred = x.row(n).array() - x.row(n).mean();
    const Scalar variance = centred.squaredNorm() / static_cast<Scalar>(x.cols());
    y.row(n) = centred / std::sqrt(variance + epsilon);
    if (weight.size() > 0) y.row(n) = y.row(n).cwiseProduct(weight);
    if (bias.size() > 0) y.row(n) += bias;
  }
  return y;
}

/// x * sigmoid(x)
template <class Scalar>
Scalar silu(Scalar x) {
  return x / (1 + std::exp(-x));
}

/// x * Phi(x), Phi the normal distribution function. https://arxiv.org/abs/1606.08415
template <class Scalar>
Scalar gelu(Scalar x) {
  return x * std::erfc(-x / std::sqrt(Scalar(2))) / 2;
}

/// The same, with the tanh form that GPT-2 uses.
template <class Scalar>
Scalar gelu_tanh(Scalar x) {
  const Scalar inner = std::sqrt(2 / std::acos(Scalar(-1))) * (x + Scalar(0.044715) * x * x * x);
  return x /
         (1 + std::exp(-2 * inner));  // (1 + tanh(t)) / 2 = sigmoid(2t), without its cancellation
}

template <class Scalar>
Scalar relu(Scalar x) {
  return std::max(x, Scalar(0));
}

template <class Scalar>
Scalar sigmoid(Scalar x) {
  return 1 / (1 + std::exp(-x));
}

/// x * sigmoid(1.702 x), a coarser x * Phi(x).
template <class Scalar>
Scalar quick_gelu(Scalar x) {
  return x * sigmoid(Scalar(1.702) * x);
}

/// max(x, 0)^2. https://arxiv.org/abs/2109.08668
template <class Scalar>
Scalar relu_squared(Scalar x) {
  return relu(x) * relu(x);
}

/// exp(x) / sum(exp(x)), a row at a time: (N, C)
template <class Scalar>
Matrix<Scalar> softmax(const Matrix<Scalar>& x) {
  Matrix<Scalar> y = x;
  for (Eigen::Index n = 0; n < x.rows() && x.cols() > 0; ++n) {
    y.row(n) = (x.row(n).array() - x.row(n).maxCoeff()).exp();
    y.row(n) /= y.row(n).sum();
  }
  return y;
}

/// Rotary position embedding of x (N, heads * D) by angles (N, rotary / 2): the pairs (i, i +
/// rotary / 2) of each head, or (2i, 2i + 1) when interleaved; elements past `rotary` stay.
/// https://arxiv.org/abs/2104.09864
template <class Scalar>
Matrix<Scalar> rope(const Matrix<Scalar>& x, const Matrix<Scalar>& angles, std::int64_t heads,
                    bool interleaved) {
  Matrix<Scalar> y = x;
  const Eigen::Index half = angles.cols();
  const Eigen::Index head_width = x.cols() / heads;
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    for (Eigen::Index head = 0; head < heads; ++head) {
      for (Eigen::Index i = 0; i < half; ++i) {
        const Eigen::Index a = head * head_width + (interleaved ? 2 * i : i);
        const Eigen::Index b = interleaved ? a + 1 : a + half;
        const Scalar cosine = std::cos(angles(n, i));
        const Scalar sine = std::sin(angles(n, i));
        y(n, a) = x(n, a) * cosine - x(n, b) * sine;
        y(n, b) = x(n, a) * sine + x(n, b) * cosine;
      }
    }
  }
  return y;
}

/// Positions [first, last) that a query row sees.
struct Visible {
  std::int64_t first;
  std::int64_t last;
};

/// The causal ranges of N rows whose first has absolute position `start`; window 0 is none, else
/// the positions that a row sees, its own included.
inline std::vector<Visible> causal(std::int64_t rows, std::int64_t start = 0,
                                   std::int64_t window = 0) {
  std::vector<Visible> visible;
  for (std::int64_t last = start + 1; last <= start + rows; ++last) {
    visible.push_back({window > 0 ? std::max<std::int64_t>(0, last - window) : 0, last});
  }
  return visible;
}

/// What becomes of the score of (row, head, position) before the softmax.
template <class Scalar>
using ScoreMap =
    std::function<Scalar(Scalar score, std::int64_t row, std::int64_t head, std::int64_t position)>;

/// softmax(scale * q k^T over the visible positions), for each head; query head h reads kv head h
/// / (heads / kv_heads). queries (N, heads * D), keys (T, kv_heads * D), visible (N): (N, heads *
/// T). 0 where a row does not see.
template <class Scalar>
Matrix<Scalar> attention_probabilities(const Matrix<Scalar>& queries, const Matrix<Scalar>& keys,
                                       std::int64_t heads, std::int64_t kv_heads, Scalar scale,
                                       const std::vector<Visible>& visible,
                                       const ScoreMap<Scalar>& map = {}) {
  const Eigen::Index head_width = queries.cols() / heads;
  Matrix<Scalar> output = Matrix<Scalar>::Zero(queries.rows(), heads * keys.rows());
  for (Eigen::Index n = 0; n < queries.rows(); ++n) {
    const auto [first, last] = visible[static_cast<std::size_t>(n)];
    if (last <= first) continue;
    for (Eigen::Index head = 0; head < heads; ++head) {
      const Eigen::Index column = head / (heads / kv_heads) * head_width;
      const Matrix<Scalar> seen_keys = keys.block(first, column, last - first, head_width);
      const Matrix<Scalar> query = queries.block(n, head * head_width, 1, head_width);
      Matrix<Scalar> scores = query * seen_keys.transpose() * scale;
      for (Eigen::Index i = 0; map && i < scores.cols(); ++i) {
        scores(0, i) = map(scores(0, i), n, head, first + i);
      }
      output.block(n, head * keys.rows() + first, 1, last - first) = softmax<Scalar>(scores);
    }
  }
  return output;
}

/// The probabilities times v, values (T, kv_heads * D): (N, heads * D). A row that sees nothing
/// gives 0.
template <class Scalar>
Matrix<Scalar> attention(const Matrix<Scalar>& queries, const Matrix<Scalar>& keys,
                         const Matrix<Scalar>& values, std::int64_t heads, std::int64_t kv_heads,
                         Scalar scale, const std::vector<Visible>& visible,
                         const ScoreMap<Scalar>& map = {}) {
  const Matrix<Scalar> probabilities =
      attention_probabilities(queries, keys, heads, kv_heads, scale, visible, map);
  const Eigen::Index head_width = queries.cols() / heads;
  Matrix<Scalar> output = Matrix<Scalar>::Zero(queries.rows(), queries.cols());
  for (Eigen::Index n = 0; n < queries.rows(); ++n) {
    const auto [first, last] = visible[static_cast<std::size_t>(n)];
    if (last <= first) continue;
    for (Eigen::Index head = 0; head < heads; ++head) {
      const Eigen::Index column = head / (heads / kv_heads) * head_width;
      output.block(n, head * head_width, 1, head_width) =
          probabilities.block(n, head * keys.rows() + first, 1, last - first) *
          values.block(first, column, last - first, head_width);
    }
  }
  return output;
}

}  // namespace loquor::reference
