#include "nn/relative_bias.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/embedding.h"

namespace loquor {

RelativeBias::RelativeBias(const RelativeBiasSpec& spec, bool causal, std::int64_t heads,
                           const std::string& name, Weights& weights)
    : spec_(spec), causal_(causal), buckets_(weights.table(name, spec.buckets, heads)) {}

// Half of the buckets are for keys behind the query, where they are seen. Of a half, the near
// distances have a bucket each, and the others share in steps that grow.
std::int64_t RelativeBias::bucket(std::int64_t distance) const {
  std::int64_t buckets = spec_.buckets, first = 0;
  if (!causal_) {
    buckets /= 2;
    if (distance > 0) first = buckets;
  } else {
    distance = std::min<std::int64_t>(distance, 0);
  }
  distance = std::abs(distance);
  const std::int64_t exact = buckets / 2;
  if (distance < exact) return first + distance;
  // In float, as transformers computes it: the steps' ends are the same then.
  const float ratio = std::log(static_cast<float>(distance) / static_cast<float>(exact)) /
                      static_cast<float>(std::log(static_cast<double>(spec_.max_distance) /
                                                  static_cast<double>(exact)));
  const auto step = static_cast<std::int64_t>(ratio * static_cast<float>(buckets - exact));
  return first + std::min(exact + step, buckets - 1);
}

Tensor RelativeBias::table(Context& context, std::int64_t positions) const {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(spec_.buckets));
  std::iota(ids.begin(), ids.end(), 0);
  const Tensor values = embed(context, ids, buckets_);
  Tensor table = context.take(values.columns(), 2 * positions - 1);
  for (std::int64_t i = 0; i < table.columns(); ++i) {
    const float* of_heads = values.row(bucket(i - (positions - 1)));
    for (std::int64_t head = 0; head < table.rows(); ++head) table.row(head)[i] = of_heads[head];
  }
  return table;
}

ScoreBias RelativeBias::view(const Tensor& table, std::int64_t positions) {
  return {.data = table.data() + positions - 1,
          .row_stride = 0,
          .position_stride = -1,
          .head_stride = table.columns()};
}

}  // namespace loquor
