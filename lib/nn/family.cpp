#include "nn/family.h"

#include <algorithm>

namespace loquor {

HeadSpec decoder_head(Config& config, HeadSpec::Task task) {
  using Task = HeadSpec::Task;
  if (task == Task::language)
    return {.task = task, .tied = config.boolean("tie_word_embeddings", false)};
  if (task == Task::sequence) return {.task = task, .pooling = HeadSpec::Pooling::last};
  return {.task = task, .bias = true};
}

std::vector<WeightName> with(const std::vector<WeightName>& names,
                             std::vector<WeightName> changes) {
  const std::size_t changed = changes.size();
  for (const WeightName& name : names) {
    const auto replaces = [&](const WeightName& change) { return change.ours == name.ours; };
    const auto end = changes.begin() + static_cast<std::ptrdiff_t>(changed);
    if (std::none_of(changes.begin(), end, replaces)) changes.push_back(name);
  }
  return changes;
}

}  // namespace loquor
