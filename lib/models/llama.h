// What families that differ little from Llama start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

ModelSpec llama_spec(Config& config);

/// What config.json may leave out where a family's value is not Llama's; a GGUF file says it.
struct SizeDefaults {
  std::int64_t positions = 2048;
  std::int64_t key_value_heads = 0;  // 0: as many as heads of queries
  double epsilon = 1e-6;
};
void set_defaults(Config& config, const SizeDefaults& defaults);

std::vector<WeightName> llama_weights();

inline constexpr ClassEnd kLlamaClasses[] = {
    {"Model"},
    {"ForCausalLM", HeadSpec::Task::language},
    {"ForSequenceClassification", HeadSpec::Task::sequence},
    {"ForTokenClassification", HeadSpec::Task::token},
    {"ForQuestionAnswering", HeadSpec::Task::question}};

/// Under which Llama's question answering, and that of some that follow it, has its tensors.
inline constexpr Spelling kLlamaSpellings[] = {{"model.", "transformer."}};

/// Whether block i has a window by the config's layer_types, or else as the family has it itself.
bool is_windowed(Config& config, std::size_t i, bool otherwise);

/// "sliding_window" in every block.
void set_windows(Config& config, ModelSpec& spec);

/// Qwen's windows: in the blocks from max_window_layers on, where use_sliding_window says so.
void set_later_windows(Config& config, ModelSpec& spec);

}  // namespace loquor::models
