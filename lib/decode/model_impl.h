// What stands behind a Model.
#pragma once

#include "loquor/model.hpp"
#include "nn/loader.h"

namespace loquor {

class Model::Impl {
 public:
  explicit Impl(LoadedModel model);

  LoadedModel loaded;
  GenerateOptions defaults;  // of generation_config.json

  const Transformer& transformer() const noexcept { return *loaded.transformer; }
};

}  // namespace loquor
