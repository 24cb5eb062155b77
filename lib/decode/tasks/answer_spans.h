// Extractive question answering: logits of starts and ends to answers, as the question-answering
// pipeline of transformers 4 finds them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loquor/tasks.hpp"

namespace loquor {

/// A stretch of tokens of a window, and how likely it is.
struct Span {
  std::size_t begin;  // its first token
  std::size_t end;    // its last one
  double score;
};

/// One window: a question with a part of its context.
struct Window {
  Encoding encoding;
  std::vector<bool> allowed;  // which tokens may begin or end an answer, or stand for none (CLS)
};

/// What a window says: its best spans, and how likely it is that it has no answer.
struct WindowAnswers {
  std::vector<Span> spans;  // the best first
  double none = 0;
};

/// start, end: (tokens). The first token is no part of a span.
WindowAnswers find_spans(const Window& window, std::vector<float> start, std::vector<float> end,
                         const AnswerOptions& options);

/// Answers from all windows of a context: those with the same text count as one.
class AnswerList {
 public:
  AnswerList(const std::string& context, const AnswerOptions& options)
      : context_(&context), options_(&options) {}
  void add(const Window& window, const WindowAnswers& answers);
  std::vector<Answer> best() const;

 private:
  ByteRange range_of(const Window& window, const Span& span) const;

  const std::string* context_;
  const AnswerOptions* options_;
  std::vector<Answer> answers_;
  std::vector<std::string> lower_;  // the text of each in lower case
  double least_none_ = 1e6;
};

}  // namespace loquor
