#include "decode/tasks/answer_spans.h"

#include <algorithm>

#include "base/unicode_case.h"
#include "base/utf8.h"
#include "decode/tasks/label_scores.h"

namespace loquor {

namespace {

// Where tokens may not be, a logit that takes all weight from them.
std::vector<double> probabilities(std::vector<float> logits, const std::vector<bool>& allowed) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (!allowed[i]) logits[i] = -10000;
  }
  return softmax(logits);
}

bool is_better(const Span& a, const Span& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
}

// Some candidates become one when they are aligned to words.
std::size_t wanted_spans(const AnswerOptions& options) {
  const auto top_k = static_cast<std::size_t>(options.top_k);
  return options.align_to_words ? 2 * top_k + 10 : top_k;
}

std::string lower_case(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    append_utf8(result, unicode::to_lower(c).value_or(c));
  }
  return result;
}

}  // namespace

WindowAnswers find_spans(const Window& window, std::vector<float> start, std::vector<float> end,
                         const AnswerOptions& options) {
  std::vector<double> starts = probabilities(std::move(start), window.allowed);
  std::vector<double> ends = probabilities(std::move(end), window.allowed);
  WindowAnswers result{.spans = {}, .none = starts[0] * ends[0]};
  starts[0] = ends[0] = 0;
  const std::size_t wanted = wanted_spans(options);
  const auto longest = static_cast<std::size_t>(options.max_answer_len);
  std::vector<Span>& spans = result.spans;  // a heap with the worst one in front
  for (std::size_t first = 0; first < starts.size(); ++first) {
    for (std::size_t last = first; last < ends.size() && last - first < longest; ++last) {
      const Span span{first, last, starts[first] * ends[last]};
      if (span.score == 0 || !window.allowed[first] || !window.allowed[last]) continue;
      if (spans.size() == wanted) {
        if (!is_better(span, spans.front())) continue;
        std::pop_heap(spans.begin(), spans.end(), is_better);
        spans.pop_back();
      }
      spans.push_back(span);
      std::push_heap(spans.begin(), spans.end(), is_better);
    }
  }
  std::sort_heap(spans.begin(), spans.end(), is_better);
  return result;
}

ByteRange AnswerList::range_of(const Window& window, const Span& span) const {
  const Encoding& encoding = window.encoding;
  ByteRange range{encoding.offsets[span.begin].begin, encoding.offsets[span.end].end};
  const auto word = [&](std::size_t token) { return encoding.word_ids[token]; };
  if (!options_->align_to_words || word(span.begin) < 0 || word(span.end) < 0) return range;
  for (std::size_t i = span.begin; i-- > 0;) {
    if (encoding.sequence_ids[i] != 1 || word(i) != word(span.begin)) break;
    range.begin = encoding.offsets[i].begin;
  }
  for (std::size_t i = span.end + 1; i < encoding.ids.size(); ++i) {
    if (encoding.sequence_ids[i] != 1 || word(i) != word(span.end)) break;
    range.end = encoding.offsets[i].end;
  }
  return range;
}

void AnswerList::add(const Window& window, const WindowAnswers& answers) {
  least_none_ = std::min(least_none_, answers.none);
  for (const Span& span : answers.spans) {
    const ByteRange range = range_of(window, span);
    std::string text = context_->substr(static_cast<std::size_t>(range.begin),
                                        static_cast<std::size_t>(range.end - range.begin));
    std::string lower = lower_case(text);
    const auto same = std::find(lower_.begin(), lower_.end(), lower);
    if (same != lower_.end()) {
      answers_[static_cast<std::size_t>(same - lower_.begin())].score += span.score;
    } else {
      answers_.push_back({std::move(text), span.score, range});
      lower_.push_back(std::move(lower));
    }
  }
}

std::vector<Answer> AnswerList::best() const {
  std::vector<Answer> all = answers_;
  if (options_->handle_impossible_answer) all.push_back({"", least_none_, {0, 0}});
  std::stable_sort(all.begin(), all.end(),
                   [](const Answer& a, const Answer& b) { return a.score > b.score; });
  all.resize(std::min(all.size(), static_cast<std::size_t>(options_->top_k)));
  return all;
}

}  // namespace loquor
