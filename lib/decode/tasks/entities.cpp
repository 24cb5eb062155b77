#include "decode/tasks/entities.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/tokenizer_impl.h"

namespace loquor {

namespace {

std::size_t highest(const std::vector<double>& scores) {
  return static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

// "B-PER" begins an entity of "PER", "I-PER" and "PER" go on with one.
struct Tag {
  bool begins;
  std::string_view name;
};
Tag tag_of(std::string_view label) {
  const bool begins = label.starts_with("B-");
  return {begins, begins || label.starts_with("I-") ? label.substr(2) : label};
}

}  // namespace

EntityJoiner::EntityJoiner(const Tokenizer& tokenizer, const std::vector<std::string>& labels,
                           std::string_view strategy)
    : tokenizer_(tokenizer), labels_(labels), strategy_(strategy) {}

std::vector<Entity> EntityJoiner::operator()(std::span<const TaggedToken> tokens) const {
  std::vector<Entity> entities;
  if (strategy_ == "none" || strategy_ == "simple") {
    for (const TaggedToken& token : tokens) entities.push_back(of_token(token));
    return strategy_ == "none" ? entities : joined(entities);
  }
  for (std::size_t begin = 0; begin < tokens.size();) {
    std::size_t end = begin + 1;
    while (end < tokens.size() && tokens[end].goes_on) ++end;
    entities.push_back(of_word(tokens.subspan(begin, end - begin)));
    begin = end;
  }
  return joined(entities);
}

Entity EntityJoiner::of_token(const TaggedToken& token) const {
  const std::size_t label = highest(token.scores);
  return {labels_[label], token.scores[label], token.word, token.range, token.index};
}

Entity EntityJoiner::of_word(std::span<const TaggedToken> tokens) const {
  std::vector<double> scores = tokens.front().scores;
  if (strategy_ == "max") {
    const auto most = [](const TaggedToken& token) { return token.scores[highest(token.scores)]; };
    scores = std::max_element(
                 tokens.begin(), tokens.end(),
                 [&](const TaggedToken& a, const TaggedToken& b) { return most(a) < most(b); })
                 ->scores;
  } else if (strategy_ == "average") {
    for (std::size_t label = 0; label < scores.size(); ++label) {
      double sum = 0;
      for (const TaggedToken& token : tokens) sum += token.scores[label];
      scores[label] = sum / static_cast<double>(tokens.size());
    }
  }
  const std::size_t label = highest(scores);
  Words names;
  for (const TaggedToken& token : tokens) names.push_back(token.word);
  return {labels_[label],
          scores[label],
          text_of(names),
          {tokens.front().range.begin, tokens.back().range.end},
          tokens.front().index};
}

std::vector<Entity> EntityJoiner::joined(const std::vector<Entity>& entities) const {
  std::vector<Entity> result;
  for (std::size_t begin = 0; begin < entities.size();) {
    const std::string_view name = tag_of(entities[begin].label).name;
    std::size_t end = begin + 1;
    while (end < entities.size() && !tag_of(entities[end].label).begins &&
           tag_of(entities[end].label).name == name)
      ++end;
    result.push_back(of_group(std::span(entities).subspan(begin, end - begin)));
    begin = end;
  }
  return result;
}

Entity EntityJoiner::of_group(std::span<const Entity> group) const {
  double sum = 0;
  Words names;
  for (const Entity& entity : group) {
    sum += entity.score;
    names.push_back(entity.word);
  }
  // What follows the first hyphen, whatever stands before it.
  const std::string& label = group.front().label;
  const std::size_t hyphen = label.find('-');
  return {hyphen == std::string::npos ? label : label.substr(hyphen + 1),
          sum / static_cast<double>(group.size()),
          text_of(names),
          {group.front().range.begin, group.back().range.end},
          group.front().index};
}

std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

std::vector<Entity> best_of_overlapping(std::string_view text, std::vector<Entity> entities) {
  const auto begin = [](const Entity& entity) { return entity.range.begin; };
  std::stable_sort(entities.begin(), entities.end(),
                   [&](const Entity& a, const Entity& b) { return begin(a) < begin(b); });
  const auto length = [&](const Entity& entity) {
    return characters(text.substr(static_cast<std::size_t>(begin(entity)),
                                  static_cast<std::size_t>(entity.range.end - begin(entity))));
  };
  std::vector<Entity> result;
  for (Entity& entity : entities) {
    if (result.empty() || begin(entity) >= result.back().range.end) {
      result.push_back(std::move(entity));
    } else if (std::pair(length(entity), entity.score) >
               std::pair(length(result.back()), result.back().score)) {
      result.back() = std::move(entity);
    }
  }
  return result;
}

std::string EntityJoiner::text_of(const Words& names) const {
  const Decoder& decoder = tokenizer_.impl().parts().decoder;
  DecodeState state;
  std::string bytes;
  for (const std::string& name : names) decoder.decode(name, false, state, bytes);
  return replace_invalid_utf8(bytes);
}

}  // namespace loquor
