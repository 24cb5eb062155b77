// What the families of GLM share.
#pragma once

#include "models/llama.h"

namespace loquor::models {

ModelSpec glm_spec(Config& config);
std::vector<WeightName> glm_weights();

}  // namespace loquor::models
