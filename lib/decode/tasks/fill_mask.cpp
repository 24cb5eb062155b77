// What may stand at a mask, by a masked language model.
#include <algorithm>

#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/inputs.h"
#include "decode/tasks/label_scores.h"
#include "ops/gather.h"

namespace loquor {

namespace {

std::int32_t mask_of(const Tokenizer& tokenizer) {
  if (const auto mask = tokenizer.mask_token_id()) return *mask;
  fail(Code::unsupported,
       "the tokenizer names no mask token (mask_token of tokenizer_config.json)");
}

// The ids of options.targets, ascending; every one where there are none.
std::vector<std::int32_t> candidates(const Tokenizer& tokenizer, const FillMaskOptions& options,
                                     std::int64_t vocabulary) {
  std::vector<std::int32_t> ids;
  for (const std::string& target : options.targets) {
    auto found = tokenizer.encode(target, {.add_special_tokens = false});
    if (const auto id = tokenizer.id(target)) found = {*id};
    if (found.size() != 1) {
      fail(Code::invalid_argument, "target ", quoted(target), " is ", found.size(),
           " tokens, expected one");
    }
    if (found[0] < vocabulary) ids.push_back(found[0]);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (!options.targets.empty()) return ids;
  ids.resize(static_cast<std::size_t>(vocabulary));
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int32_t>(i);
  return ids;
}

class MaskFiller {
 public:
  MaskFiller(const Model& model, const FillMaskOptions& options)
      : model_(model),
        options_(options),
        mask_(mask_of(model.tokenizer())),
        candidates_(candidates(model.tokenizer(), options, model.info().vocabulary)) {}

  // Of one sequence whose last hidden states begin at hidden.row(first_row).
  std::vector<std::vector<Fill>> operator()(Context& context, const PackedSequence& sequence,
                                            const Tensor& hidden, std::int64_t first_row) const {
    std::vector<std::vector<Fill>> fills;
    const std::vector<std::size_t> places = masks(sequence);
    for (const std::size_t place : places) {
      const std::int64_t row[] = {first_row + static_cast<std::int64_t>(place)};
      const Tensor logits =
          model_.impl()->transformer().logits(context, gather_rows(context, hidden, row));
      fills.push_back(fill(sequence, place, places.size() == 1,
                           {logits.data(), static_cast<std::size_t>(logits.size())}));
    }
    return fills;
  }

  // Where masks stand. Throws Error(invalid_argument) for an input without one.
  std::vector<std::size_t> masks(const PackedSequence& sequence) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < sequence.ids.size(); ++i) {
      if (sequence.ids[i] == mask_) places.push_back(i);
    }
    if (places.empty()) {
      fail(Code::invalid_argument, "input ", sequence.input, " has no mask: write ",
           quoted(model_.tokenizer().token(mask_)), " where a token is missing");
    }
    return places;
  }

 private:
  std::vector<Fill> fill(const PackedSequence& sequence, std::size_t place, bool is_only,
                         std::span<const float> logits) const {
    const std::vector<double> all = softmax(logits);
    std::vector<double> scores;
    for (const std::int32_t id : candidates_) scores.push_back(all[static_cast<std::size_t>(id)]);
    std::vector<Fill> fills;
    for (const std::size_t i : best(scores, options_.top_k)) {
      const std::int32_t id = candidates_[i];
      fills.push_back({id, model_.tokenizer().decode({&id, 1}, false), scores[i],
                       text_with(id, sequence.ids, place, is_only)});
    }
    return fills;
  }

  // Padding is left out; so are special tokens, unless other masks are among them.
  std::string text_with(std::int32_t id, std::vector<std::int32_t> ids, std::size_t place,
                        bool is_only) const {
    ids[place] = id;
    const auto pad = model_.tokenizer().pad_token_id();
    std::erase_if(ids, [&](std::int32_t other) { return other == pad; });
    return model_.tokenizer().decode(ids, is_only);
  }

  const Model& model_;
  const FillMaskOptions& options_;
  std::int32_t mask_;
  std::vector<std::int32_t> candidates_;
};

}  // namespace

std::vector<std::vector<std::vector<Fill>>> Model::fill_mask(const std::vector<Input>& inputs,
                                                             const FillMaskOptions& options) const {
  fill_mask_options().validate(options);
  require_head(*impl_, HeadSpec::Task::masked);
  InputOptions reading = options.input;
  reading.parse_special = true;
  const InputReader read(*this, reading, inputs.size());
  const MaskFiller fill(*this, options);
  std::vector<std::vector<std::vector<Fill>>> result(inputs.size());
  Packer packer(*impl_, options.input, inputs.size(),
                [&](Context& context, const PackedStates& states) {
                  for (std::size_t i = 0; i < states.sequences.size(); ++i) {
                    const Segment& segment = states.segments[static_cast<std::int64_t>(i)];
                    result[states.sequences[i].input] =
                        fill(context, states.sequences[i], states.hidden, segment.first_row);
                  }
                });
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    PackedSequence sequence = read(inputs[i], i);
    fill.masks(sequence);
    packer.add(std::move(sequence));
  }
  packer.finish();
  return result;
}

}  // namespace loquor
