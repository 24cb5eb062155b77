// What encoder-decoders that differ little from BART start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

/// BART's blocks: norms after each sublayer. Positions are the family's to say.
ModelSpec bart_spec(Config& config);
/// The same with norms before each sublayer, and one at the end of a stack.
ModelSpec pre_norm_bart_spec(Config& config);
HeadSpec bart_head(Config& config, HeadSpec::Task task);
std::vector<WeightName> bart_weights();
/// The same position embedding in both stacks, its rows from first_position on.
void set_positions(ModelSpec& spec, const decltype(EmbeddingSpec::positions)& positions,
                   std::int64_t first_position);

}  // namespace loquor::models
