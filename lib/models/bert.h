// What encoders that differ little from BERT start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

/// What stands on BERT, and on ALBERT: with the second task of their training, which is left out.
inline constexpr ClassEnd kBertClasses[] = {{"Model"},
                                            {"ForMaskedLM", HeadSpec::Task::masked},
                                            {"ForPreTraining", HeadSpec::Task::masked},
                                            {"ForSequenceClassification", HeadSpec::Task::sequence},
                                            {"ForTokenClassification", HeadSpec::Task::token},
                                            {"ForQuestionAnswering", HeadSpec::Task::question}};

ModelSpec bert_spec(Config& config);
/// The vocabulary through a transform, labels of the first row through one, or labels of each row.
HeadSpec bert_head(Config& config, HeadSpec::Task task);

}  // namespace loquor::models
