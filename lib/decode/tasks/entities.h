// Tokens with labels to words and entities.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/tasks/label_scores.h"
#include "loquor/tokenizer.hpp"

namespace loquor {

struct TaggedToken {
  std::int64_t index = 0;
  std::string word;  // its name; of an unknown token the text
  ByteRange range;
  bool goes_on = false;        // with the word of the token before
  std::vector<double> scores;  // of each label
};

/// What transformers' aggregation_strategy says: "none" leaves tokens; "simple" joins neighbours of
/// one label; "first", "average" and "max" make tokens of a word agree before that.
class EntityJoiner {
 public:
  EntityJoiner(const Tokenizer& tokenizer, const std::vector<std::string>& labels,
               std::string_view strategy);
  std::vector<Entity> operator()(std::span<const TaggedToken> tokens) const;

 private:
  using Words = std::vector<std::string>;

  Entity of_token(const TaggedToken& token) const;
  Entity of_word(std::span<const TaggedToken> tokens) const;
  std::vector<Entity> joined(const std::vector<Entity>& entities) const;
  Entity of_group(std::span<const Entity> group) const;
  std::string text_of(const Words& names) const;

  const Tokenizer& tokenizer_;
  const std::vector<std::string>& labels_;
  std::string_view strategy_;
};

/// Entities of overlapping windows, in no order: of those that overlap in `text` the longest is
/// left, of equally long ones the likeliest.
std::vector<Entity> best_of_overlapping(std::string_view text, std::vector<Entity> entities);

std::int64_t characters(std::string_view text);

}  // namespace loquor
