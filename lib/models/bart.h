// What encoder-decoders that differ little from BART start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

inline constexpr ClassEnd kBartClasses[] = {{"Model"},
                                            {"ForConditionalGeneration", HeadSpec::Task::language},
                                            {"ForSequenceClassification", HeadSpec::Task::sequence},
                                            {"ForQuestionAnswering", HeadSpec::Task::question}};

/// BART's blocks: norms after each sublayer. Positions are the family's to say.
ModelSpec bart_spec(Config& config);
/// The same with norms before each sublayer, and one at the end of a stack.
ModelSpec pre_norm_bart_spec(Config& config);
/// Reads what the first of these models were published with, and what transformers no longer looks
/// at: it is the same in all of a family.
void require_first_names(Config& config, bool norms_before, bool embedding_norm,
                         bool computed_positions);
HeadSpec bart_head(Config& config, HeadSpec::Task task);
std::vector<WeightName> bart_weights();
/// The same position embedding in both stacks, its rows from first_position on.
void set_positions(ModelSpec& spec, const decltype(EmbeddingSpec::positions)& positions,
                   std::int64_t first_position);

}  // namespace loquor::models
