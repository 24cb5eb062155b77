// T5's relative positions: a learned number a head and distance, added to the scores.
// https://arxiv.org/abs/1910.10683
#pragma once

#include <cstdint>
#include <string>

#include "nn/spec.h"
#include "nn/weights.h"
#include "ops/score_bias.h"

namespace loquor {

class RelativeBias {
 public:
  RelativeBias(const RelativeBiasSpec& spec, bool causal, std::int64_t heads,
               const std::string& name, Weights& weights);
  /// Of the distances -(T - 1) to T - 1, (H, 2T - 1).
  Tensor table(Context& context, std::int64_t positions) const;
  /// How attention reads table(positions).
  static ScoreBias view(const Tensor& table, std::int64_t positions);

 private:
  std::int64_t bucket(std::int64_t distance) const;  // of a key that far behind the query

  RelativeBiasSpec spec_;
  bool causal_;
  Weight buckets_;  // (buckets, H)
};

}  // namespace loquor
