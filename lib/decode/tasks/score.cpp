// Log-probabilities of given tokens: of a decoder each given those before it, of an encoder-decoder
// given the source too, of a masked model each given all others.
#include <algorithm>

#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/inputs.h"
#include "ops/cross_entropy.h"
#include "ops/gather.h"

namespace loquor {

namespace {

using Ids = std::vector<std::int32_t>;
using Task = HeadSpec::Task;

// A sequence's row of hidden states, and the token whose probability it gives.
struct Target {
  std::int64_t row;
  std::int32_t id;
};

class Scorer {
 public:
  Scorer(const Model& model, const ScoreOptions& options, std::size_t inputs)
      : model_(model),
        spec_(model.impl()->transformer().spec()),
        read_(model, options.input, inputs),
        scores_(inputs),
        packer_(*model.impl(), options.input, inputs,
                [this](Context& context, const PackedStates& states) { see(context, states); }) {
    if (!spec_.head || (spec_.head->task != Task::language && spec_.head->task != Task::masked))
      require_head(*model.impl(), Task::language);
  }

  void add(const Input& input, std::size_t index) {
    if (spec_.head->task == Task::masked) {
      add_masked(input, index);
    } else if (spec_.encoder) {
      add_translated(input, index);
    } else {
      add_continued(input, index);
    }
  }

  std::vector<Score> finish() {
    packer_.finish();
    return std::move(scores_);
  }

 private:
  // Each token masked in turn; special ones are only read.
  void add_masked(const Input& input, std::size_t index) {
    const Tokenizer& tokenizer = model_.tokenizer();
    const auto mask = tokenizer.mask_token_id();
    if (!mask) {
      fail(Code::unsupported,
           "the tokenizer names no mask token (mask_token of tokenizer_config.json)");
    }
    const auto [whole, scored] = sequence_of(input, index);
    bool any = false;
    for (std::size_t i = 0; i < whole.ids.size(); ++i) {
      if (!scored[i]) continue;
      PackedSequence sequence = whole;
      sequence.ids[i] = *mask;
      targets_.push_back({{static_cast<std::int64_t>(i), whole.ids[i]}});
      packer_.add(std::move(sequence));
      any = true;
    }
    if (!any) fail(Code::invalid_argument, "input ", index, " has no tokens to score");
  }

  // A sequence, and which of its tokens count: of a pair those of the second text.
  std::pair<PackedSequence, std::vector<bool>> sequence_of(const Input& input,
                                                           std::size_t index) const {
    std::vector<bool> scored;
    if (std::holds_alternative<TokenIds>(input)) {
      PackedSequence sequence = read_(input, index);
      for (const std::int32_t id : sequence.ids)
        scored.push_back(!model_.tokenizer().is_special(id));
      return {std::move(sequence), std::move(scored)};
    }
    const Encoding encoding = read_.encode(input, index);
    const std::int32_t wanted = std::holds_alternative<TextPair>(input) ? 1 : 0;
    for (const std::int32_t text : encoding.sequence_ids) scored.push_back(text == wanted);
    return {read_.sequence(encoding, index), std::move(scored)};
  }

  void add_translated(const Input& input, std::size_t index) {
    const auto* pair = std::get_if<TextPair>(&input);
    if (!pair) {
      fail(Code::invalid_argument, "input ", index,
           " is no pair: this model is an encoder-decoder, which scores a text given its source");
    }
    PackedSequence sequence = read_(pair->first, index);
    const auto& other = model_.impl()->loaded.target_tokenizer;
    const Input text = other ? Input(TokenIds{other->encode(pair->second)}) : Input(pair->second);
    const PackedSequence target = read_(text, index);
    sequence.decoder_ids = shifted(*model_.impl(), target.ids);
    std::vector<Target> targets;
    for (std::size_t i = 0; i < target.ids.size(); ++i)
      targets.push_back({static_cast<std::int64_t>(i), target.ids[i]});
    targets_.push_back(std::move(targets));
    packer_.add(std::move(sequence));
  }

  void add_continued(const Input& input, std::size_t index) {
    PackedSequence sequence;
    std::size_t given = 1;  // what is not scored: the first token, or a pair's first text
    if (const auto* pair = std::get_if<TextPair>(&input)) {
      sequence = read_(pair->first, index);
      given = sequence.ids.size();
      const Ids more = model_.tokenizer().encode(pair->second, {.add_special_tokens = false});
      sequence.ids.insert(sequence.ids.end(), more.begin(), more.end());
      read_.require_fit(sequence.ids.size(), index);
    } else {
      sequence = read_(input, index);
    }
    if (sequence.ids.size() <= given) {
      fail(Code::invalid_argument, "input ", index,
           " has one token, which nothing stands before: there is nothing to score");
    }
    std::vector<Target> targets;
    for (std::size_t i = given; i < sequence.ids.size(); ++i)
      targets.push_back({static_cast<std::int64_t>(i) - 1, sequence.ids[i]});
    targets_.push_back(std::move(targets));
    packer_.add(std::move(sequence));
  }

  void see(Context& context, const PackedStates& states) {
    std::vector<std::int64_t> rows;
    Ids ids;
    for (std::size_t i = 0; i < states.sequences.size(); ++i) {
      for (const auto& [row, id] : targets_[i]) {
        rows.push_back(states.segments[static_cast<std::int64_t>(i)].first_row + row);
        ids.push_back(id);
      }
    }
    const std::vector<float> found = log_probabilities(context, states.hidden, rows, ids);
    std::size_t at = 0;
    for (std::size_t i = 0; i < states.sequences.size(); ++i) {
      Score& score = scores_[states.sequences[i].input];
      for (const auto& [row, id] : targets_[i]) {
        score.ids.push_back(id);
        score.log_probabilities.push_back(found[at]);
        score.log_probability += static_cast<double>(found[at++]);
      }
    }
    targets_.erase(targets_.begin(),
                   targets_.begin() + static_cast<std::ptrdiff_t>(states.sequences.size()));
  }

  // A few rows at a time: a vocabulary is wide.
  std::vector<float> log_probabilities(Context& context, const Tensor& hidden,
                                       std::span<const std::int64_t> rows,
                                       std::span<const std::int32_t> ids) const {
    constexpr std::size_t kSlice = 64;
    std::vector<float> result;
    for (std::size_t at = 0; at < rows.size(); at += kSlice) {
      const std::size_t count = std::min(kSlice, rows.size() - at);
      const Tensor logits = model_.impl()->transformer().logits(
          context, gather_rows(context, hidden, rows.subspan(at, count)));
      const Tensor losses = cross_entropy(context, logits, ids.subspan(at, count));
      for (std::int64_t i = 0; i < losses.rows(); ++i) result.push_back(-losses.row(i)[0]);
    }
    return result;
  }

  const Model& model_;
  const ModelSpec& spec_;
  InputReader read_;
  std::vector<Score> scores_;
  std::vector<std::vector<Target>> targets_;  // of the sequences that wait
  Packer packer_;
};

}  // namespace

std::vector<Score> Model::score(const std::vector<Input>& inputs,
                                const ScoreOptions& options) const {
  score_options().validate(options);
  Scorer scorer(*this, options, inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) scorer.add(inputs[i], i);
  return scorer.finish();
}

}  // namespace loquor
