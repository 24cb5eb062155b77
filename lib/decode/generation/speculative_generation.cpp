// Speculative decoding (Leviathan et al. 2023, https://arxiv.org/abs/2211.17192): guesses at the
// next ids are read together, and as many are kept as the model would have chosen itself. Greedy
// decoding gives the ids that it gives without guesses; sampling the same distribution, and with
// guesses that were not drawn the same ids.
#include "base/error.h"
#include "base/random.h"
#include "decode/generation/generation_forms.h"

namespace loquor {

namespace {

// Random numbers that say whether a guess is kept.
constexpr std::uint64_t kAcceptStream = 2;

std::unique_ptr<Guesser> make_guesser(const Sampler::Impl& sampler, const PromptFacts& facts,
                                      const Cancel& cancel) {
  if (sampler.options.assistant_model)
    return std::make_unique<AssistantModel>(sampler, facts, cancel);
  return std::make_unique<PromptLookup>(sampler.options);
}

}  // namespace

SpeculativeGeneration::SpeculativeGeneration(WorkSession given, std::vector<std::int32_t> ids,
                                             const GenerateOptions& options)
    : Impl(std::move(given), std::move(ids), options),
      live_(prompt_, OutputText(session().model(), options_), output),
      guesser_(make_guesser(sampler_, facts_, cancel)) {}

std::vector<std::vector<std::int32_t>> SpeculativeGeneration::live() const {
  if (!live_.goes_on()) return {};
  return {live_.ids()};
}

void SpeculativeGeneration::allow(std::size_t, std::vector<std::int32_t>) {
  fail(Code::unsupported,
       "allowed tokens are set for one step, and speculative decoding takes several at once: give "
       "prefix_allowed_tokens");
}

// The id that follows, where `guess` was drawn from other probabilities q: the guess with
// probability min(1, p / q), else one drawn from what p has more than q.
std::int32_t SpeculativeGeneration::check(std::span<const float> scores, const Guess& guess) {
  const auto step = static_cast<std::uint64_t>(output.ids.size());
  std::vector<float> p = sampler_.probabilities(scores);
  const auto at = static_cast<std::size_t>(guess.id);
  const double u = uniform(sampler_.seed, kAcceptStream, step);
  if (u * static_cast<double>(guess.probabilities[at]) < static_cast<double>(p[at]))
    return guess.id;
  double rest = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    p[i] = std::max(0.0f, p[i] - guess.probabilities[i]);
    rest += static_cast<double>(p[i]);
  }
  if (rest <= 0) return sampler_.choose(scores, 0, step);
  const auto weight = [&](float one) { return static_cast<double>(one) / rest; };
  return static_cast<std::int32_t>(pick(p, uniform(sampler_.seed, 0, step), weight));
}

// Keeps the ids that the logits after the last id and after each guess lead to, as long as they
// are the guesses.
Piece SpeculativeGeneration::keep(const Logits& logits, const std::vector<Guess>& guesses) {
  Piece piece;
  for (std::size_t i = 0; live_.goes_on(); ++i) {
    const auto row = logits.row(static_cast<std::int64_t>(i));
    std::vector<float> scores(row.begin(), row.end());
    ScoreRow processed{scores, live_.ids()};
    process_scores(options_, facts_, std::span(&processed, 1));
    const bool is_drawn = i < guesses.size() && !guesses[i].probabilities.empty();
    const std::int32_t id =
        is_drawn ? check(scores, guesses[i]) : sampler_.choose(scores, 0, output.ids.size());
    const auto generated = static_cast<std::int64_t>(output.ids.size()) + 1;
    append(piece, live_.take(id, scores, sampler_, why_it_ends(id, generated)));
    if (i == guesses.size() || id != guesses[i].id) break;
  }
  return piece;
}

// Forgets what was read of guesses that were wrong: all but the last id has been read.
void SpeculativeGeneration::settle() {
  const auto read_ids = static_cast<std::int64_t>(live_.ids().size()) - 1;
  if (session().position() > read_ids) session().rewind(read_ids);
}

// How many ids guesses may be: one is chosen behind them, and each takes a position.
std::size_t SpeculativeGeneration::room() const {
  const auto generated = static_cast<std::int64_t>(output.ids.size());
  const std::int64_t most =
      std::min(limit_ - generated - 1, session().context_length() - session().position() - 1);
  return static_cast<std::size_t>(std::max<std::int64_t>(0, most));
}

bool SpeculativeGeneration::step(const std::vector<std::vector<float>>&, Piece& piece) {
  std::vector<Guess> guesses;
  std::vector<std::int32_t> ids;
  settle();
  if (output.ids.empty()) {
    const std::int64_t known = session().position();
    ids.assign(prompt_.begin() + static_cast<std::ptrdiff_t>(known), prompt_.end());
  } else {
    guesses = guesser_->guess(live_.ids(), room(), output.ids.size());
    ids.push_back(live_.ids().back());
    for (const Guess& guess : guesses) ids.push_back(guess.id);
  }
  const auto count = static_cast<std::int64_t>(guesses.size()) + 1;
  const Logits logits = read(session(), ids, count);
  if (output.ids.empty()) note_prompt_read();
  piece = keep(logits, guesses);
  output.timings.generated_tokens = static_cast<std::int64_t>(output.ids.size());
  settle();
  return !live_.goes_on();
}

void SpeculativeGeneration::close(FinishReason reason, Piece& piece) {
  if (live_.goes_on()) append(piece, live_.close(reason));
}

std::vector<Sequence> SpeculativeGeneration::sequences() const { return {output}; }

}  // namespace loquor
