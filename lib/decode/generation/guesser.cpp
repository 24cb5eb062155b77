#include "decode/generation/guesser.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "decode/encode.h"
#include "decode/session_impl.h"

namespace loquor {

namespace {

// The random numbers of guesses are not those of the sequence.
constexpr std::uint64_t kGuessStream = 1;

}  // namespace

PromptLookup::PromptLookup(const GenerateOptions& options)
    : count_(static_cast<std::size_t>(*options.prompt_lookup_num_tokens)),
      longest_match_(static_cast<std::size_t>(options.max_matching_ngram_size.value_or(2))) {}

std::vector<Guess> PromptLookup::guess(std::span<const std::int32_t> ids, std::size_t most,
                                       std::uint64_t) {
  if (ids.empty()) return {};
  for (std::size_t n = std::min(longest_match_, ids.size() - 1); n > 0; --n) {
    const auto end = ids.end() - 1;  // something has to follow
    const auto last = ids.last(n);
    const auto found = std::search(ids.begin(), end, last.begin(), last.end());
    if (found == end) continue;
    const auto after = static_cast<std::size_t>(found - ids.begin()) + n;
    std::vector<Guess> guesses;
    for (const std::int32_t id : ids.subspan(after, std::min({count_, most, ids.size() - after})))
      guesses.push_back({id, {}});
    return guesses;
  }
  return {};
}

AssistantModel::AssistantModel(const Sampler::Impl& sampler, const PromptFacts& facts,
                               const Cancel& cancel)
    : sampler_(sampler),
      facts_(facts),
      session_(*sampler.options.assistant_model, {.context_length = 0, .cancel = cancel}),
      count_(static_cast<std::size_t>(sampler.options.num_assistant_tokens.value_or(5))) {
  const Transformer& transformer = session_.impl().transformer();
  if (transformer.spec().encoder) {
    within("option assistant_model", [&] { require_positions(transformer, facts.encoder_ids); });
  }
}

// The logits after `ids`, of which only those are read that the session has not.
std::vector<float> AssistantModel::read(std::span<const std::int32_t> ids) {
  if (session_.impl().transformer().spec().encoder && session_.source_ids().empty())
    session_.encode(facts_.encoder_ids);
  const std::vector<std::int32_t> known = session_.ids();
  auto common = std::ranges::mismatch(known, ids).in1 - known.begin();
  common = std::min(common, static_cast<std::ptrdiff_t>(ids.size()) - 1);
  session_.rewind(common);
  return session_.append(ids.subspan(static_cast<std::size_t>(common)));
}

std::vector<Guess> AssistantModel::guess(std::span<const std::int32_t> given, std::size_t most,
                                         std::uint64_t step) {
  std::vector<std::int32_t> ids(given.begin(), given.end());
  std::vector<Guess> guesses;
  while (guesses.size() < std::min(count_, most) &&
         static_cast<std::int64_t>(ids.size()) <= session_.context_length()) {
    std::vector<float> scores = read(ids);
    ScoreRow row{scores, ids};
    process_scores(sampler_.options, facts_, std::span(&row, 1));
    if (std::ranges::none_of(scores, [](float score) { return std::isfinite(score); })) break;
    const std::int32_t id = sampler_.choose(scores, kGuessStream, step + guesses.size());
    guesses.push_back(
        {id, sampler_.samples ? sampler_.probabilities(scores) : std::vector<float>()});
    ids.push_back(id);
  }
  return guesses;
}

}  // namespace loquor
