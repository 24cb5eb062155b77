// What stands behind a Model.
#pragma once

#include <string_view>

#include "loquor/model.hpp"
#include "nn/loader.h"

namespace loquor {

class Model::Impl {
 public:
  explicit Impl(LoadedModel model);

  /// One of task_specific_params of config.json.
  struct Task {
    std::string name;
    std::optional<std::string> prefix;  // of a text
    GenerateOptions options;
  };

  LoadedModel loaded;
  GenerateOptions defaults;  // of generation_config.json, else of config.json
  std::vector<Task> tasks;

  const Transformer& transformer() const noexcept { return *loaded.transformer; }
};

/// Throws Error(unsupported) for an encoder alone, naming the call that it does not have.
void require_decoder(const Model& model, std::string_view call);
/// Throws Error(unsupported) for an encoder or a decoder alone.
void require_encoder_decoder(const Model& model, std::string_view call);

}  // namespace loquor
