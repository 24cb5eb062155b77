// Rotary positions (Su et al. 2021, https://arxiv.org/abs/2104.09864).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "ops/tensor.h"

namespace loquor {

/// Cosine and sine of position * inverse_frequency for each pair, times the attention factor;
/// computed in double, kept in f32. Grows as positions are used, up to `positions`. Any number of
/// threads at once.
class RopeTable {
 public:
  RopeTable(const Runtime& runtime, std::vector<double> inverse_frequencies,
            double attention_factor, std::int64_t positions);

  /// Elements of a head that are rotated: two a pair.
  std::int64_t rotary() const noexcept {
    return 2 * static_cast<std::int64_t>(frequencies_.size());
  }
  std::int64_t positions() const noexcept { return positions_; }
  /// Makes the rows of all positions below `count`. Throws Error(context_full) where the table
  /// cannot hold them.
  void grow(std::int64_t count) const;
  /// Of a position that grow() has made: (rotary / 2) each.
  const float* cosine(std::int64_t position) const noexcept;
  const float* sine(std::int64_t position) const noexcept;

 private:
  Runtime runtime_;
  std::vector<double> frequencies_;
  double factor_;
  std::int64_t positions_;
  mutable std::mutex growing_;
  mutable std::vector<Buffer> chunks_;
  mutable std::unique_ptr<std::atomic<const float*>[]> rows_;  // one a chunk
};

/// Which columns of a row are heads to rotate: q and k of a fused [q | k | v] row are heads = H + K
/// from column 0.
struct RopeHeads {
  std::int64_t column = 0;
  std::int64_t heads = 0;
  std::int64_t head_width = 0;
  bool interleaved = false;  // pairs (2i, 2i + 1) instead of (i, i + rotary / 2)
};

/// The position of a row that stays as it is.
constexpr std::int32_t kNoPosition = -1;

/// Rotates in place. x: (N, any); positions: (N)
void rope(Context& context, Tensor& x, const RopeHeads& heads,
          std::span<const std::int32_t> positions, const RopeTable& table);

/// The gradient of x from that of rope(x), in place: the rotation by the negative angle.
void rope_backward(Context& context, Tensor& gradient, const RopeHeads& heads,
                   std::span<const std::int32_t> positions, const RopeTable& table);

}  // namespace loquor
