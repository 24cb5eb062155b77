// Keeping sources through rewriting.
#include "text/aligned_text.h"

#include "base/error.h"
#include "base/utf8.h"

namespace loquor {
namespace {

// No normalisation form makes text more than 18 times as long; the constant is for single
// characters.
constexpr std::size_t kMostGrowth = 32;
constexpr std::size_t kAlwaysAllowed = 4096;

}  // namespace

AlignedText::AlignedText(std::string_view part, std::size_t base, bool tracked)
    : text_(part), base_(base), tracked_(tracked) {
  if (!tracked) return;
  sources_.reserve(part.size());
  for (std::size_t position = 0; position < part.size();) {
    const std::size_t begin = position;
    next_code_point(part, position);
    sources_.insert(
        sources_.end(), position - begin,
        {static_cast<std::uint32_t>(base + begin), static_cast<std::uint32_t>(base + position)});
  }
}

Source AlignedText::source(std::size_t begin, std::size_t end) const noexcept {
  if (sources_.empty()) return {};
  if (begin < end) return {sources_[begin].begin, sources_[end - 1].end};
  const std::uint32_t at = begin < sources_.size() ? sources_[begin].begin : sources_.back().end;
  return {at, at};
}

AlignedText AlignedText::slice(std::size_t begin, std::size_t end) const {
  AlignedText part;
  part.text_ = text_.substr(begin, end - begin);
  part.tracked_ = tracked_;
  part.base_ = base_ + begin;
  if (tracked_) {
    part.base_ = source(begin, begin).begin;
    part.sources_.assign(sources_.begin() + static_cast<std::ptrdiff_t>(begin),
                         sources_.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return part;
}

Rewrite::Rewrite(const AlignedText& from) : from_(from) {
  to_.base_ = from.base_;
  to_.tracked_ = from.tracked_;
  to_.text_.reserve(from.size() + from.size() / 4 + 8);
  if (from.tracked_) to_.sources_.reserve(from.size() + from.size() / 4 + 8);
}

void Rewrite::check_growth(std::size_t more) const {
  const std::size_t limit = kMostGrowth * from_.size() + kAlwaysAllowed;
  if (more > limit || to_.text_.size() > limit - more) {
    fail(Code::unsupported, "the tokenizer's rules make a text of ", from_.size(),
         " bytes more than ", kMostGrowth, " times as long");
  }
}

AlignedText Rewrite::finish() {
  if (to_.text_.size() > INT32_MAX)
    fail(Code::invalid_argument, "the text takes more than 2 GiB once normalized");
  return std::move(to_);
}

void Rewrite::keep(std::size_t begin, std::size_t end) {
  to_.text_.append(from_.text_, begin, end - begin);
  if (to_.tracked_) {
    to_.sources_.insert(to_.sources_.end(),
                        from_.sources_.begin() + static_cast<std::ptrdiff_t>(begin),
                        from_.sources_.begin() + static_cast<std::ptrdiff_t>(end));
  }
}

void Rewrite::replace(std::size_t begin, std::size_t end, std::string_view with) {
  append(with, from_.source(begin, end));
}

void Rewrite::replace_each(std::size_t begin, std::size_t end, std::string_view with) {
  Source source = from_.source(begin, begin);
  for (std::size_t at = 0, next = 0; at < with.size(); at = next) {
    next_code_point(with, next);
    if (begin < end) {
      const std::size_t character = begin;
      next_code_point(from_.text_, begin);
      source = from_.source(character, begin);
    }
    append(with.substr(at, next - at), source);
  }
}

void Rewrite::replace_last(std::size_t end, std::string_view with) {
  append(with, from_.source(end - 1, end));
}

void Rewrite::prepend(std::size_t begin, std::string_view text) {
  std::size_t end = begin;
  next_code_point(from_.text_, end);
  append(text, from_.source(begin, end));
}

void Rewrite::append(std::string_view text, Source source) {
  check_growth(text.size());
  to_.text_.append(text);
  if (to_.tracked_) to_.sources_.insert(to_.sources_.end(), text.size(), source);
}

}  // namespace loquor
