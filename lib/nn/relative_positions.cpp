#include "nn/relative_positions.h"

#include <algorithm>

#include "nn/sinusoid.h"
#include "ops/parallel.h"

namespace loquor {

namespace {

float biased_product(const float* q, const float* bias, const float* other, std::int64_t width) {
  float sum = 0;
  for (std::int64_t d = 0; d < width; ++d) sum += (q[d] + bias[d]) * other[d];
  return sum;
}

Tensor transposed(Context& context, const Tensor& x) {
  Tensor out = context.take(x.columns(), x.rows());
  for (std::int64_t row = 0; row < x.rows(); ++row) {
    for (std::int64_t column = 0; column < x.columns(); ++column)
      out.row(column)[row] = x.row(row)[column];
  }
  return out;
}

}  // namespace

RelativePositions::RelativePositions(const AttentionShape& shape, const std::string& name,
                                     std::int64_t width, Weights& weights)
    : shape_(shape),
      distance_(weights.linear(name + ".distance", shape.heads * shape.head_width, width, false)) {
  const std::int64_t heads = shape.heads, head_width = shape.head_width;
  content_bias_ = weights.values(name + ".content_bias", {heads, head_width})[0];
  distance_bias_ = weights.values(name + ".distance_bias", {heads, head_width})[0];
  kind_bias_ = weights.values(name + ".kind_bias", {heads, head_width})[0];
  auto kinds = weights.values(name + ".kinds", {2, heads, head_width});
  same_kind_ = kinds[0];
  another_kind_ = kinds[1];
}

Tensor RelativePositions::distances(Context& context, std::int64_t positions, std::int64_t width) {
  Tensor out = context.take(2 * positions - 1, width);
  const Sinusoid sinusoid(width, width / 2);
  for (std::int64_t row = 0; row < out.rows(); ++row)
    sinusoid.write(positions - 1 - row, out.row(row));
  return out;
}

// One row's head: to[j] = scale ((q + v) r(i - j) + (q + w) s), and q becomes q + u.
void RelativePositions::score_row(std::span<const std::int32_t> types, std::int64_t row,
                                  std::int64_t head, const Tensor& keys, float* q,
                                  std::span<float> to) const {
  const std::int64_t width = shape_.head_width, at = head * width;
  const float same = biased_product(q, kind_bias_.data() + at, same_kind_.data() + at, width);
  const float another = biased_product(q, kind_bias_.data() + at, another_kind_.data() + at, width);
  const std::int64_t zero = (keys.columns() - 1) / 2;  // the column of distance 0
  std::fill(to.begin(), to.end(), 0.0F);
  for (std::int64_t d = 0; d < width; ++d) {
    const float value = q[d] + distance_bias_.data()[at + d];
    const float* key = keys.row(at + d) + zero - row;
    for (std::size_t j = 0; j < to.size(); ++j) to[j] += value * key[j];
    q[d] += content_bias_.data()[at + d];
  }
  for (std::size_t j = 0; j < to.size(); ++j) {
    const bool alike = types.empty() || types[j] == types[static_cast<std::size_t>(row)];
    to[j] = shape_.scale * (to[j] + (alike ? same : another));
  }
}

Tensor RelativePositions::scores(Context& context, Tensor& qkv, const Segments& segments,
                                 std::span<const std::int32_t> types,
                                 const Tensor& distances) const {
  const std::int64_t longest = (distances.rows() + 1) / 2;
  const Tensor keys = transposed(context, distance_(context, distances));  // (H D, 2T - 1)
  Tensor out = context.take(qkv.rows(), shape_.heads * longest);
  for (const Segment& segment : segments) {
    const auto first = static_cast<std::size_t>(segment.first_row);
    const auto count = static_cast<std::size_t>(segment.rows);
    const auto own = types.empty() ? types : types.subspan(first, count);
    parallel_rows(context, segment.rows, keys.rows() * segment.rows,
                  [&](std::int64_t begin, std::int64_t end) {
                    for (std::int64_t row = begin; row < end; ++row) {
                      float* q = qkv.row(segment.first_row + row);
                      float* to = out.row(segment.first_row + row);
                      for (std::int64_t head = 0; head < shape_.heads; ++head) {
                        score_row(own, row, head, keys, q + head * shape_.head_width,
                                  {to + head * longest, count});
                      }
                    }
                  });
  }
  return out;
}

ScoreBias RelativePositions::view(const Tensor& scores) const {
  return {.data = scores.data(),
          .row_stride = scores.columns(),
          .position_stride = 0,
          .head_stride = scores.columns() / shape_.heads};
}

}  // namespace loquor
