// What a folder says of generating: generation_config.json, and the keys of config.json beside it.
#pragma once

#include <filesystem>

#include "nn/spec.h"

namespace loquor {

struct LoadedModel;

/// Fills generation_config, task_parameters and prefix of `model`. Throws Error naming the file.
void read_generation_files(const std::filesystem::path& folder, const ModelSpec& spec,
                           LoadedModel& model);

}  // namespace loquor
