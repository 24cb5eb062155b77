// How attention spreads each row over the positions, for those who want to look. Nothing is made of
// it, so that it has no backward.
#pragma once

#include <span>

#include "ops/attention.h"

namespace loquor {

/// The probabilities that attention() weighs values with, given the same: (N, at least H D) ->
/// (N, H T), for each head each position of the T up to the last that any row sees. Exact zeros
/// where a row sees nothing; a row's bits depend on its own query and its own sequence's cache
/// only.
Tensor attention_probabilities(Context& context, const Tensor& q, const Segments& segments,
                               std::span<const KeyValueView> caches, const AttentionShape& shape,
                               const ScoreBias* bias = nullptr);

}  // namespace loquor
