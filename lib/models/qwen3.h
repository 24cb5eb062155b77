// What Qwen3 and its mixture of experts share.
#pragma once

#include "models/llama.h"

namespace loquor::models {

ModelSpec qwen3_spec(Config& config);
std::vector<WeightName> qwen3_weights();

}  // namespace loquor::models
