// Post-processors: the special tokens around a text, and what of it the offsets leave out.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "text/token_table.h"

namespace loquor {

struct PostProcessor {
  std::vector<std::int32_t> prefix, suffix;  // what add_special_tokens puts around the text
  bool trim_offsets = false;      // byte-level tokens: offsets leave spaces at their ends out,
  bool keep_first_space = false;  // but for the one in front of the text
};

/// Reads tokenizer.json's "post_processor". Refuses what it does not know, and ids that the
/// vocabulary lacks.
PostProcessor parse_post_processor(const Json& json, const TokenTable& tokens);

}  // namespace loquor
