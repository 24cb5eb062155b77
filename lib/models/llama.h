// What families that differ little from Llama start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

ModelSpec llama_spec(Config& config);
std::vector<WeightName> llama_weights();

}  // namespace loquor::models
