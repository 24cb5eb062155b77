// generation_config.json as options, and how a caller's options are laid over them.
#pragma once

#include <cstdint>
#include <optional>
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

/// How many tokens options let follow a prompt of so many; none where they do not say. Throws
/// Error(invalid_argument) where max_length leaves none.
std::optional<std::int64_t> most_new_tokens(const GenerateOptions& options, std::int64_t prompt);
/// Positions that such a generation may take, as far as options say.
std::int64_t most_positions(const GenerateOptions& options, std::int64_t prompt);

/// What the decoder of an encoder-decoder reads first, of options laid over the model's. Throws
/// Error(invalid_argument) where nothing says it.
std::int32_t decoder_start(const GenerateOptions& options);

/// Whether tokens are drawn: do_sample where it is set, else whether a sampling option is given.
bool samples(const GenerateOptions& options) noexcept;

}  // namespace loquor
