// What the three generations of Gemma share.
#pragma once

#include "models/llama.h"

namespace loquor::models {

ModelSpec gemma_spec(Config& config);

/// What the second and the third add: norms after the sublayers too, an own scale of the scores,
/// caps, and full attention in one of `period` layers.
ModelSpec sandwiched_gemma_spec(Config& config, std::int64_t period);
HeadSpec capped_head(Config& config, HeadSpec::Task task);
std::vector<WeightName> sandwiched_gemma_weights();

}  // namespace loquor::models
