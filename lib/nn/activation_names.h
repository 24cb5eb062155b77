// transformers' names (ACT2FN) of the activations that we build.
#pragma once

#include <string>

#include "ops/activation.h"

namespace loquor {

/// Throws Error(unsupported) listing the known ones.
Activation activation_named(const std::string& name);

}  // namespace loquor
