// generation_config.json as options, and how a caller's options are laid over them.
#pragma once

#include <string>

#include "base/json.h"
#include "base/runtime.h"
#include "loquor/options.hpp"

namespace loquor {

/// What the file sets. A key that is no option of ours, or has a value that we refuse, is logged as
/// a warning.
GenerateOptions generation_defaults(const Json& config, const std::string& source,
                                    const Runtime& runtime);

/// `given` where it is set, else `defaults`. A sampling option given without do_sample turns it on.
GenerateOptions with_defaults(const GenerateOptions& given, const GenerateOptions& defaults);

/// Whether tokens are drawn: do_sample where it is set, else whether a sampling option is given.
bool samples(const GenerateOptions& options) noexcept;

}  // namespace loquor
