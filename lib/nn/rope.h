// Rope: the rotation of queries and keys by their positions, as a spec says.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "nn/spec.h"
#include "ops/rope.h"

namespace loquor {

struct PackedBatch;

/// Immutable to its callers; any number of threads at once.
class Rope {
 public:
  Rope(const Runtime& runtime, const RopeSpec& spec, std::int64_t head_width,
       std::int64_t positions);
  /// Turns some heads of each row, in place; heads.interleaved is the spec's. x: (N, any)
  void operator()(Context& context, Tensor& x, RopeHeads heads, const PackedBatch& batch) const;

 private:
  using Table = std::shared_ptr<const RopeTable>;
  Table make(std::int64_t context_length) const;
  Table table(std::int64_t context_length) const;

  Runtime runtime_;
  RopeSpec spec_;
  std::int64_t width_;  // that turns
  std::int64_t positions_;
  Table usual_;  // of contexts that are not longer than the original one
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<std::int64_t, Table>> longer_;  // the last few, by context
};

}  // namespace loquor
