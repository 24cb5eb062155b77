// The tiny model with a chat template that tests talk to.
#pragma once

#include "data.h"
#include "loquor/model.hpp"

namespace loquor {

inline Model chat_model() {
  return Model(tests::golden("chat_llama").string(), {.compute_type = "f32"});
}

}  // namespace loquor
