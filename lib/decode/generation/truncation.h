// Which ids may be drawn, and how likely each is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "loquor/options.hpp"

namespace loquor {

struct Candidate {
  std::int32_t id;
  float score;         ///< Divided by the temperature.
  double probability;  ///< Among the candidates.
};
using Candidates = std::vector<Candidate>;

/// The ids that temperature, top_k, top_p, min_p and typical_p leave of finite scores (V),
/// ascending; at least `least` of them, as far as there are so many.
void truncate(const GenerateOptions& options, std::span<const float> scores, std::size_t least,
              Candidates& candidates);

}  // namespace loquor
