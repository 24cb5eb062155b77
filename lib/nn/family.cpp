#include "nn/family.h"

#include "base/error.h"

namespace loquor {

HeadSpec decoder_head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  if (task == Task::language)
    return {.task = task, .tied = config.boolean("tie_word_embeddings", false)};
  if (task == Task::sequence) return {.task = task, .pooling = HeadSpec::Pooling::last};
  if (task == Task::token) return {.task = task, .bias = true};
  fail(Code::unsupported, config.source(), ": this head is not built for a decoder");
}

}  // namespace loquor
