// Post-processors: the special tokens around a text or a pair of texts, and what of a text the
// offsets leave out.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "text/token_table.h"

namespace loquor {

/// One of the texts, or special tokens, and the type that their ids are of.
struct TemplatePart {
  enum class Kind { first, second, special };
  Kind kind;
  std::int32_t type_id = 0;
  std::vector<std::int32_t> ids;  // of special tokens
};

struct PostProcessor {
  using Template = std::vector<TemplatePart>;
  /// Special tokens around each text; a second text is of type 1.
  static PostProcessor around(const std::vector<std::int32_t>& prefix,
                              const std::vector<std::int32_t>& suffix);

  /// BERT's: cls first, sep behind each text, which is of the second's type there.
  static PostProcessor bert(const std::vector<std::int32_t>& cls,
                            const std::vector<std::int32_t>& sep);
  /// RoBERTa's: cls first, two sep between texts and one at the end, all of one type.
  static PostProcessor roberta(const std::vector<std::int32_t>& cls,
                               const std::vector<std::int32_t>& sep);

  Template single{{TemplatePart::Kind::first, 0, {}}};  // has the first text once
  Template pair{{TemplatePart::Kind::first, 0, {}},     // has each text once
                {TemplatePart::Kind::second, 1, {}}};
  bool trim_offsets = false;      // byte-level tokens: offsets leave spaces at their ends out,
  bool keep_first_space = false;  // but for the one in front of the text
};

/// How many special tokens a template adds.
std::size_t added_tokens(const PostProcessor::Template& parts) noexcept;

/// Reads tokenizer.json's "post_processor". Refuses what it does not know, and ids that the
/// vocabulary lacks.
PostProcessor parse_post_processor(const Json& json, const TokenTable& tokens);

}  // namespace loquor
