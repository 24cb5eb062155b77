// Outputs as JSON.
#pragma once

#include "base/json.h"
#include "loquor/output.hpp"

namespace loquor::capi {

Json output_json(const Output& output);

}  // namespace loquor::capi
