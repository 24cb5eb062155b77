// What families that differ little from Llama start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

ModelSpec llama_spec(Config& config);
std::vector<WeightName> llama_weights();

/// Whether block i has a window by the config's layer_types, or else as the family has it itself.
bool is_windowed(Config& config, std::size_t i, bool otherwise);

/// "sliding_window" in every block.
void set_windows(Config& config, ModelSpec& spec);

/// Qwen's windows: in the blocks from max_window_layers on, where use_sliding_window says so.
void set_later_windows(Config& config, ModelSpec& spec);

}  // namespace loquor::models
