// tokenizer_config.json: which tokens play which role, and whether BOS and EOS are added.
#pragma once

#include "base/json.h"
#include "text/tokenizer_impl.h"

namespace loquor {

/// Sets bos, eos, unk and pad, makes every token with a role special, and follows add_bos_token and
/// add_eos_token.
void read_special_roles(const Json& config, Tokenizer::Impl::Parts& parts);

}  // namespace loquor
