#include "ops/cross_entropy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernels/table.h"
#include "ops/check.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

void check_targets(std::string_view op, const Tensor& logits,
                   std::span<const std::int32_t> targets) {
  expect_size(op, "targets", static_cast<std::int64_t>(targets.size()), logits.rows());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] == kIgnoredTarget || (targets[i] >= 0 && targets[i] < logits.columns())) {
      continue;
    }
    fail(Code::invalid_argument, "target ", targets[i], " at index ", i,
         " is outside the vocabulary of ", logits.columns(), " tokens");
  }
}

// Eight at a time, so that comparisons do not wait for one another; a NaN is never the largest.
std::size_t index_of_largest(std::span<const float> values) {
  constexpr std::size_t kLanes = 8;
  std::array<float, kLanes> best;
  best.fill(-std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      best[lane] = values[i + lane] > best[lane] ? values[i + lane] : best[lane];
    }
  }
  for (; i < values.size(); ++i) best[0] = std::max(best[0], values[i]);
  const float largest = *std::max_element(best.begin(), best.end());
  const auto at = std::find(values.begin(), values.end(), largest);
  return at == values.end() ? 0 : static_cast<std::size_t>(at - values.begin());
}

}  // namespace

// The kernel's softmax gives each chunk's largest probability, which is 1 / sum(exp(x - maximum));
// the chunks are added in double.
double log_sum_exp(std::span<const float> logits) {
  constexpr std::size_t kChunk = 1024;
  std::array<float, kChunk> probabilities;
  double maximum = -std::numeric_limits<double>::infinity();
  double sum = 0;
  for (std::size_t first = 0; first < logits.size(); first += kChunk) {
    const auto chunk = logits.subspan(first, std::min(kChunk, logits.size() - first));
    const std::size_t top = index_of_largest(chunk);
    if (chunk[top] == -std::numeric_limits<float>::infinity()) continue;
    kernels().softmax(chunk.data(), probabilities.data(), 1,
                      static_cast<std::int64_t>(chunk.size()));
    const double larger = std::max<double>(maximum, chunk[top]);
    sum = sum * std::exp(maximum - larger) +
          std::exp(chunk[top] - larger) / static_cast<double>(probabilities[top]);
    maximum = larger;
  }
  return maximum + std::log(sum);
}

void log_softmax(std::span<const float> logits, std::span<float> out) {
  expect_size("log_softmax", "out", static_cast<std::int64_t>(out.size()),
              static_cast<std::int64_t>(logits.size()));
  const double total = log_sum_exp(logits);
  for (std::size_t i = 0; i < logits.size(); ++i) out[i] = static_cast<float>(logits[i] - total);
}

Tensor cross_entropy(Context& context, const Tensor& logits,
                     std::span<const std::int32_t> targets) {
  check_targets("cross_entropy", logits, targets);
  const std::int64_t vocabulary = logits.columns();
  Tensor losses = context.take(logits.rows(), 1);
  parallel_rows(context, logits.rows(), vocabulary, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int32_t target = targets[static_cast<std::size_t>(row)];
      const float* values = logits.row(row);
      *losses.row(row) =
          target == kIgnoredTarget
              ? 0.0F
              : static_cast<float>(log_sum_exp({values, static_cast<std::size_t>(vocabulary)}) -
                                   values[target]);
    }
  });
  return losses;
}

Tensor cross_entropy_backward(Context& context, Tensor logits,
                              std::span<const std::int32_t> targets, const Tensor& loss_gradient) {
  check_targets("cross_entropy_backward", logits, targets);
  expect_shape("cross_entropy_backward", "loss_gradient", loss_gradient, logits.rows(), 1);
  const std::int64_t vocabulary = logits.columns();
  Tensor gradient = logits.unique() ? logits : context.take(logits.rows(), vocabulary);
  parallel_rows(context, logits.rows(), vocabulary, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int32_t target = targets[static_cast<std::size_t>(row)];
      float* out = gradient.row(row);
      if (target == kIgnoredTarget) {
        std::fill_n(out, vocabulary, 0.0F);
        continue;
      }
      const float scale = *loss_gradient.row(row);
      kernels().softmax(logits.row(row), out, 1, vocabulary);
      out[target] -= 1;
      for (std::int64_t c = 0; c < vocabulary; ++c) out[c] *= scale;
    }
  });
  return gradient;
}

}  // namespace loquor
