// Positions as XLNet and Transformer-XL have them: the score of a key looks at how far it is from
// the query, and whether both are of the same kind of segment.
// https://arxiv.org/abs/1901.02860, https://arxiv.org/abs/1906.08237
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "nn/weights.h"
#include "ops/attention.h"

namespace loquor {

/// score = scale * ((q + u) k + (q + v) r(distance) + (q + w) s(same kind or not))
class RelativePositions {
 public:
  RelativePositions(const AttentionShape& shape, const std::string& name, std::int64_t width,
                    Weights& weights);

  /// Sines and cosines of the distances T - 1 to -(T - 1), which all layers share: (2T - 1, C).
  static Tensor distances(Context& context, std::int64_t positions, std::int64_t width);

  /// Scores of the two last terms, for each row, head and key: (N, H T), T the longest sequence;
  /// and adds u to the queries of qkv, (N, (H + 2K) D). types: (N), or empty where all are alike.
  Tensor scores(Context& context, Tensor& qkv, const Segments& segments,
                std::span<const std::int32_t> types, const Tensor& distances) const;
  /// How attention reads scores().
  ScoreBias view(const Tensor& scores) const;

 private:
  void score_row(std::span<const std::int32_t> types, std::int64_t row, std::int64_t head,
                 const Tensor& keys, float* q, std::span<float> to) const;

  AttentionShape shape_;
  Linear distance_;                  // r: (H D, C)
  Vector content_bias_;              // u: (H D)
  Vector distance_bias_;             // v: (H D)
  Vector kind_bias_;                 // w: (H D)
  Vector same_kind_, another_kind_;  // s: (H D)
};

}  // namespace loquor
