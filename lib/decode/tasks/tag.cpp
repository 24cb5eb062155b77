// Labels of tokens, joined to words and entities as transformers' TokenClassificationPipeline does.
#include <algorithm>

#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/entities.h"
#include "decode/tasks/inputs.h"

namespace loquor {

namespace {

bool is_added(const Encoding& encoding, std::size_t i) { return encoding.sequence_ids[i] < 0; }

std::int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// The tokens of one text with the scores of their labels.
class Tokens {
 public:
  Tokens(const Tokenizer& tokenizer, std::string_view text)
      : tokenizer_(tokenizer),
        text_(text),
        marks_words_(!tokenizer.impl().parts().model->continuing_prefix().empty()) {}

  TaggedToken operator()(const Encoding& encoding, std::size_t i, std::span<const float> logits) {
    const ByteRange range = encoding.offsets[i];
    const std::string_view written = text_.substr(
        static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end - range.begin));
    TaggedToken token{.index = static_cast<std::int64_t>(i),
                      .word = tokenizer_.token(encoding.ids[i]),
                      .range = range,
                      .goes_on = false,
                      .scores = softmax(logits)};
    if (encoding.ids[i] == tokenizer_.unk_token_id()) {
      token.word = written;
    } else {
      token.goes_on =
          marks_words_ ? characters(token.word) != characters(written) : !begins_word(range.begin);
    }
    return token;
  }

 private:
  // Without marks of words: at the text's start, or with a space at this place or before it.
  bool begins_word(std::int64_t begin) const {
    const auto at = static_cast<std::size_t>(begin);
    return at == 0 || text_[at - 1] == ' ' || (at < text_.size() && text_[at] == ' ');
  }

  const Tokenizer& tokenizer_;
  std::string_view text_;
  bool marks_words_;
};

}  // namespace

std::vector<std::vector<Entity>> Model::tag(const std::vector<Input>& inputs,
                                            const TagOptions& options) const {
  tag_options().validate(options);
  require_head(*impl_, HeadSpec::Task::token);
  const InputReader read(*this, options.input, inputs.size());
  const EntityJoiner join(tokenizer(), info().labels, options.aggregation_strategy);
  std::vector<std::vector<Entity>> result(inputs.size());
  std::vector<Encoding> encodings(inputs.size());  // of the inputs that wait
  const auto ignored = [&](const Entity& entity) {
    return std::find(options.ignore_labels.begin(), options.ignore_labels.end(), entity.label) !=
           options.ignore_labels.end();
  };
  const auto on_logits = [&](std::size_t input, const Tensor& logits, const Segment& segment) {
    Tokens tokens(tokenizer(), std::get<std::string>(inputs[input]));
    const Encoding encoding = std::exchange(encodings[input], {});
    std::vector<TaggedToken> tagged;
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
      if (is_added(encoding, i)) continue;
      const float* row = logits.row(segment.first_row + static_cast<std::int64_t>(i));
      tagged.push_back(tokens(encoding, i, {row, static_cast<std::size_t>(logits.columns())}));
    }
    result[input] = join(tagged);
    std::erase_if(result[input], ignored);
  };
  Packer packer(*impl_, options.input, inputs.size(),
                [&](Context& context, const PackedStates& states) {
                  const Tensor logits =
                      impl_->transformer().pooled_logits(context, states.hidden, states.segments);
                  for (std::int64_t i = 0; i < states.segments.count(); ++i) {
                    on_logits(states.sequences[static_cast<std::size_t>(i)].input, logits,
                              states.segments[i]);
                  }
                });
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!std::holds_alternative<std::string>(inputs[i])) {
      fail(Code::invalid_argument, "input ", i,
           " is no text: tag says where in a text entities are");
    }
    encodings[i] = read.encode(inputs[i], i);
    packer.add(read.sequence(encodings[i], i));
  }
  packer.finish();
  return result;
}

}  // namespace loquor
