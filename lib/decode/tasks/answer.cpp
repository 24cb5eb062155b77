// Where a context answers a question: windows of it are read with the question.
#include <algorithm>
#include <deque>

#include "base/error.h"
#include "decode/options/options.h"
#include "decode/tasks/answer_spans.h"
#include "decode/tasks/inputs.h"
#include "decode/tasks/windows.h"

namespace loquor {

namespace {

constexpr std::int64_t kUsualWindow = 384;
constexpr std::int64_t kUsualStride = 128;

// The windows of one context.
class Windows {
 public:
  Windows(const Tokenizer& tokenizer, const TextPair& question, const AnswerOptions& options,
          std::int64_t longest, std::size_t index)
      : tokenizer_(tokenizer.impl()),
        question_(tokenizer_.tokenize(question.first, {}, true)),
        context_(tokenizer_.tokenize(question.second, {}, true)) {
    const std::int64_t window =
        options.input.max_length > 0 ? options.input.max_length : std::min(kUsualWindow, longest);
    stride_ = options.doc_stride > 0 ? options.doc_stride : std::min(kUsualStride, window / 2);
    const auto added =
        static_cast<std::int64_t>(added_tokens(tokenizer_.parts().post_processor.pair));
    room_ = window - added - std::ssize(question_.ids);
    if (room_ <= stride_) {
      fail(Code::invalid_argument, "question ", index, " has ", question_.ids.size(),
           " tokens, which leaves ", std::max<std::int64_t>(room_, 0),
           " for windows of the context, expected more than doc_stride, which is ", stride_);
    }
  }

  // Calls give(window) for each.
  template <class Give>
  void each(Give&& give) const {
    for_each_window(
        std::ssize(context_.ids), room_, stride_, [&](std::int64_t begin, std::int64_t size) {
          const TextTokens part =
              context_.part(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
          Window window{
              tokenizer_.assemble(question_, &part, true, tokenizer_.parts().post_processor), {}};
          const auto cls = tokenizer_.parts().cls;
          for (std::size_t i = 0; i < window.encoding.ids.size(); ++i)
            window.allowed.push_back(window.encoding.sequence_ids[i] == 1 ||
                                     window.encoding.ids[i] == cls);
          give(std::move(window));
        });
  }

 private:
  const Tokenizer::Impl& tokenizer_;
  TextTokens question_, context_;
  std::int64_t room_ = 0;  // of a window for tokens of the context
  std::int64_t stride_ = 0;
};

// The logits of a window's starts and ends: rows of (N, 2).
std::pair<std::vector<float>, std::vector<float>> columns(const Tensor& logits,
                                                          const Segment& segment) {
  std::vector<float> start, end;
  for (std::int64_t row = segment.first_row; row < segment.first_row + segment.rows; ++row) {
    start.push_back(logits.row(row)[0]);
    end.push_back(logits.row(row)[1]);
  }
  return {std::move(start), std::move(end)};
}

}  // namespace

std::vector<std::vector<Answer>> Model::answer(const std::vector<TextPair>& questions,
                                               const AnswerOptions& options) const {
  answer_options().validate(options);
  require_head(*impl_, HeadSpec::Task::question);
  const InputReader read(*this, options.input, questions.size());
  std::vector<AnswerList> lists;
  for (const TextPair& question : questions) lists.emplace_back(question.second, options);
  std::deque<Window> waiting;
  Packer packer(*impl_, options.input, questions.size(),
                [&](Context& context, const PackedStates& states) {
                  const Tensor logits =
                      impl_->transformer().pooled_logits(context, states.hidden, states.segments);
                  for (std::int64_t i = 0; i < states.segments.count(); ++i) {
                    auto [start, end] = columns(logits, states.segments[i]);
                    const Window window = std::move(waiting.front());
                    waiting.pop_front();
                    lists[states.sequences[static_cast<std::size_t>(i)].input].add(
                        window, find_spans(window, std::move(start), std::move(end), options));
                  }
                });
  for (std::size_t i = 0; i < questions.size(); ++i) {
    read.require_text(questions[i].first, i);
    read.require_text(questions[i].second, i);
    Windows(tokenizer(), questions[i], options, read.max_length(), i).each([&](Window window) {
      PackedSequence sequence = read.sequence(window.encoding, i);
      sequence.decoder_ids = shifted(*impl_, sequence.ids);
      waiting.push_back(std::move(window));
      packer.add(std::move(sequence));
    });
  }
  packer.finish();
  std::vector<std::vector<Answer>> result;
  for (const AnswerList& list : lists) result.push_back(list.best());
  return result;
}

}  // namespace loquor
