// Labels of tokens, joined to words and entities as transformers' TokenClassificationPipeline does.
#include <algorithm>
#include <deque>

#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/entities.h"
#include "decode/tasks/inputs.h"
#include "decode/tasks/windows.h"

namespace loquor {

namespace {

// What of a text is read at once.
struct TextWindow {
  Encoding encoding;
  std::int64_t begin = 0;  // how many of the text's tokens stand before it
};

// The tokens of one text with the scores of their labels.
class Tokens {
 public:
  Tokens(const Tokenizer& tokenizer, std::string_view text)
      : tokenizer_(tokenizer),
        text_(text),
        marks_words_(!tokenizer.impl().parts().model->continuing_prefix().empty()) {}

  /// logits: of the window's tokens, from first_row on.
  std::vector<TaggedToken> operator()(const TextWindow& window, const Tensor& logits,
                                      std::int64_t first_row) const {
    std::vector<TaggedToken> tagged;
    for (std::size_t i = 0; i < window.encoding.ids.size(); ++i) {
      if (window.encoding.sequence_ids[i] < 0) continue;  // a special token that was added
      const float* row = logits.row(first_row + static_cast<std::int64_t>(i));
      tagged.push_back(token(window, i, {row, static_cast<std::size_t>(logits.columns())}));
    }
    return tagged;
  }

 private:
  TaggedToken token(const TextWindow& window, std::size_t i, std::span<const float> logits) const {
    const std::int32_t id = window.encoding.ids[i];
    const ByteRange range = window.encoding.offsets[i];
    const std::string_view written = text_.substr(
        static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end - range.begin));
    TaggedToken token{.index = window.begin + static_cast<std::int64_t>(i),
                      .word = tokenizer_.token(id),
                      .range = range,
                      .goes_on = false,
                      .scores = softmax(logits)};
    if (id == tokenizer_.unk_token_id()) {
      token.word = written;
    } else {
      token.goes_on =
          marks_words_ ? characters(token.word) != characters(written) : !begins_word(range.begin);
    }
    return token;
  }

  // Without marks of words: at the text's start, or with a space at this place or before it.
  bool begins_word(std::int64_t begin) const {
    const auto at = static_cast<std::size_t>(begin);
    return at == 0 || text_[at - 1] == ' ' || (at < text_.size() && text_[at] == ' ');
  }

  const Tokenizer& tokenizer_;
  std::string_view text_;
  bool marks_words_;
};

// The windows of a text, or with no stride the text in one.
class TextWindows {
 public:
  TextWindows(const Tokenizer& tokenizer, const InputReader& read, const TagOptions& options)
      : tokenizer_(tokenizer.impl()), read_(read), options_(options) {
    if (!options.stride) return;
    if (options.aggregation_strategy == "none") {
      fail(Code::invalid_argument,
           "stride joins the entities of windows: aggregation_strategy is none, expected another");
    }
    room_ = read.max_length() -
            static_cast<std::int64_t>(added_tokens(tokenizer_.parts().post_processor.single));
    if (*options.stride >= room_) {
      fail(Code::invalid_argument, "stride is ", *options.stride, ", expected less than the ",
           std::max<std::int64_t>(room_, 0), " tokens of text in a window of ", read.max_length());
    }
  }

  /// Calls give(window) for each.
  template <class Give>
  void each(const Input& input, std::size_t index, Give&& give) const {
    if (!std::holds_alternative<std::string>(input)) {
      fail(Code::invalid_argument, "input ", index,
           " is no text: tag says where in a text entities are");
    }
    if (!options_.stride) return give({read_.encode(input, index), 0});
    const auto& text = std::get<std::string>(input);
    read_.require_text(text, index);
    const ByteRange whole{0, static_cast<std::int64_t>(text.size())};
    const TextTokens tokens =
        tokenizer_.tokenize(text, std::span(&whole, options_.input.parse_special ? 1 : 0), true);
    for_each_window(
        std::ssize(tokens.ids), room_, *options_.stride,
        [&](std::int64_t begin, std::int64_t size) {
          const TextTokens part =
              tokens.part(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
          give(
              {tokenizer_.assemble(part, nullptr, true, tokenizer_.parts().post_processor), begin});
        });
  }

 private:
  const Tokenizer::Impl& tokenizer_;
  const InputReader& read_;
  const TagOptions& options_;
  std::int64_t room_ = 0;  // of a window for tokens of the text
};

}  // namespace

std::vector<std::vector<Entity>> Model::tag(const std::vector<Input>& inputs,
                                            const TagOptions& options) const {
  tag_options().validate(options);
  require_head(*impl_, HeadSpec::Task::token);
  const InputReader read(*this, options.input, inputs.size());
  const TextWindows windows(tokenizer(), read, options);
  const EntityJoiner join(tokenizer(), info().labels, options.aggregation_strategy);
  std::vector<std::vector<Entity>> result(inputs.size());
  std::deque<TextWindow> waiting;
  const auto ignored = [&](const Entity& entity) {
    return std::find(options.ignore_labels.begin(), options.ignore_labels.end(), entity.label) !=
           options.ignore_labels.end();
  };
  const auto on_logits = [&](std::size_t input, const Tensor& logits, std::int64_t first_row) {
    const Tokens tokens(tokenizer(), std::get<std::string>(inputs[input]));
    std::vector<Entity> entities = join(tokens(waiting.front(), logits, first_row));
    waiting.pop_front();
    std::erase_if(entities, ignored);
    std::move(entities.begin(), entities.end(), std::back_inserter(result[input]));
  };
  Packer packer(*impl_, options.input, inputs.size(),
                [&](Context& context, const PackedStates& states) {
                  const Tensor logits =
                      impl_->transformer().pooled_logits(context, states.hidden, states.segments);
                  for (std::int64_t i = 0; i < states.segments.count(); ++i) {
                    on_logits(states.sequences[static_cast<std::size_t>(i)].input, logits,
                              states.segments[i].first_row);
                  }
                });
  std::vector<bool> overlap(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    windows.each(inputs[i], i, [&](TextWindow window) {
      overlap[i] = window.begin > 0;
      PackedSequence sequence = read.sequence(window.encoding, i);
      waiting.push_back(std::move(window));
      packer.add(std::move(sequence));
    });
  }
  packer.finish();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (overlap[i]) result[i] = best_of_overlapping(std::get<std::string>(inputs[i]), result[i]);
  }
  return result;
}

}  // namespace loquor
