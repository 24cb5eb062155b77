// What several topics give out: outputs and log-probabilities.
#pragma once

#include "handles.h"

namespace loquor::capi {

/// One id's arrays; throws Error(invalid_argument) where there are none.
void give_logprobs(const std::vector<LogprobArrays>& all, std::size_t index,
                   const std::int32_t** ids, const float** logprobs, std::size_t* count);

void give_output(loquor_output** out, Output output);

}  // namespace loquor::capi
