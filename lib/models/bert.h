// What encoders that differ little from BERT start from.
#pragma once

#include "base/error.h"
#include "nn/family.h"

namespace loquor::models {

ModelSpec bert_spec(Config& config);
/// The vocabulary through a transform, labels of the first row through one, or labels of each row.
HeadSpec bert_head(Config& config, HeadSpec::Task task);

}  // namespace loquor::models
