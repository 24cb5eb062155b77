// Cutting and rewriting words. What each step does:
// https://huggingface.co/docs/tokenizers/api/pre-tokenizers
#include "text/pre_tokenizer.h"

#include <algorithm>

#include "base/unicode.h"
#include "base/utf8.h"
#include "text/bert.h"
#include "text/byte_level.h"

namespace loquor {
namespace {

using Word = Words::Word;

// Replaces each word by the words that `cut(word, emit)` finds in it: emit(begin, end), relative to
// the word.
template <class Cut>
void cut_words(Words& words, Cut&& cut) {
  std::vector<Word> result;
  result.reserve(words.words.size() + words.text.size() / 4);
  for (const Word& outer : words.words) {
    cut(words.word(outer), [&](std::size_t begin, std::size_t end) {
      if (begin == end) return;
      result.push_back({outer.begin + static_cast<std::uint32_t>(begin),
                        outer.begin + static_cast<std::uint32_t>(end)});
    });
  }
  words.words = std::move(result);
  words.cut = true;
}

// Rewrites the text word by word: write(word, rewrite) writes the word's next form.
template <class Write>
void rewrite_words(Words& words, Write&& write) {
  Rewrite rewrite(words.text);
  for (Word& word : words.words) {
    const std::size_t begin = rewrite.size();
    write(word, rewrite);
    word = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(rewrite.size())};
  }
  words.text = rewrite.finish();
}

struct Part {
  std::size_t begin, end;
  bool delimiter;
};

// The words that delimiters and what lies between them make, in the manner of `behavior`.
template <class Emit>
void join(std::vector<Part>& parts, SplitBehavior behavior, Emit&& emit) {
  const auto joins = [&](std::size_t i) {  // whether part i belongs to the word of part i - 1
    const bool previous = parts[i - 1].delimiter, current = parts[i].delimiter;
    switch (behavior) {
      case SplitBehavior::merged_with_previous:
        return current && !previous;
      case SplitBehavior::merged_with_next:
        return previous && !current;
      case SplitBehavior::contiguous:
        return previous == current;
      default:
        return false;
    }
  };
  for (std::size_t first = 0; first < parts.size();) {
    std::size_t last = first;
    while (last + 1 < parts.size() && joins(last + 1)) ++last;
    if (!(behavior == SplitBehavior::removed && parts[first].delimiter)) {
      emit(parts[first].begin, parts[last].end);
    }
    first = last + 1;
  }
}

template <class Emit>
void split_at(std::string_view word, std::string_view delimiter, SplitBehavior behavior,
              Emit&& emit) {
  std::vector<Part> parts;
  std::size_t begin = 0;
  for (std::size_t found; (found = word.find(delimiter, begin)) != std::string_view::npos;) {
    if (found != begin) parts.push_back({begin, found, false});
    begin = found + delimiter.size();
    parts.push_back({found, begin, true});
  }
  if (begin != word.size()) parts.push_back({begin, word.size(), false});
  join(parts, behavior, emit);
}

void write_byte_level(const AlignedText& text, Word word, Rewrite& rewrite) {
  for (std::size_t i = word.begin; i < word.end; ++i) {
    rewrite.replace(i, i + 1, byte_level::character(static_cast<unsigned char>(text.text()[i])));
  }
}

}  // namespace

Words::Words(AlignedText whole) : text(std::move(whole)) {
  if (text.size() > 0) words.push_back({0, static_cast<std::uint32_t>(text.size())});
}

void SplitByPattern::apply(Words& words) const {
  cut_words(words, [&](std::string_view word, auto&& emit) {
    std::size_t between = 0;  // the end of the last match
    const auto emit_between = [&](std::size_t end) {
      if (!drop_between) emit(between, end);
    };
    for (std::size_t at = 0; at < word.size();) {
      const std::size_t end = scanner(word, at);
      if (end == at) {
        next_code_point(word, at);
        continue;
      }
      emit_between(at);
      emit(at, end);
      between = at = end;
    }
    emit_between(word.size());
  });
}

void SplitAtText::apply(Words& words) const {
  cut_words(words,
            [&](std::string_view word, auto&& emit) { split_at(word, delimiter, behavior, emit); });
}

void SplitDigits::apply(Words& words) const {
  cut_words(words, [&](std::string_view word, auto&& emit) {
    std::size_t begin = 0;
    bool in_digits = false;
    for (std::size_t at = 0, next = 0; at < word.size(); at = next) {
      const bool digit = unicode::is_number(next_code_point(word, next));
      if (at > 0 && (digit != in_digits || (digit && individual))) {
        emit(begin, at);
        begin = at;
      }
      in_digits = digit;
    }
    emit(begin, word.size());
  });
}

void SplitWhiteSpace::apply(Words& words) const {
  cut_words(words, [](std::string_view word, auto&& emit) {
    std::size_t begin = 0;
    for (std::size_t at = 0, next = 0; at < word.size(); at = next) {
      if (!unicode::is_white_space(next_code_point(word, next))) continue;
      emit(begin, at);
      begin = next;
    }
    emit(begin, word.size());
  });
}

void SplitBert::apply(Words& words) const {
  cut_words(words, [](std::string_view word, auto&& emit) {
    std::size_t begin = 0;
    for (std::size_t at = 0, next = 0; at < word.size(); at = next) {
      const char32_t c = next_code_point(word, next);
      const bool punctuation = bert::is_punctuation(c);
      if (!punctuation && !unicode::is_white_space(c)) continue;
      emit(begin, at);
      if (punctuation) emit(at, next);
      begin = next;
    }
    emit(begin, word.size());
  });
}

bool need_sources(const std::vector<PreTokenizer>& steps) noexcept {
  const auto needs = [](const PreTokenizer& step) {
    const auto* metaspace = std::get_if<Metaspace>(&step);
    return metaspace && metaspace->prepend == Metaspace::Prepend::first;
  };
  return !steps.empty() && std::any_of(steps.begin() + 1, steps.end(), needs);
}

void ByteLevel::apply(Words& words) const {
  if (add_prefix_space) {
    rewrite_words(words, [&](Word word, Rewrite& rewrite) {
      if (!words.word(word).starts_with(' ')) rewrite.prepend(word.begin, " ");
      rewrite.keep(word.begin, word.end);
    });
  }
  if (use_regex) SplitByPattern{scan_gpt2}.apply(words);
  rewrite_words(words,
                [&](Word word, Rewrite& rewrite) { write_byte_level(words.text, word, rewrite); });
}

void Metaspace::apply(Words& words) const {
  // A text that nothing has cut yet begins where the caller's does, whatever normalizers took off.
  const auto at_start = [&](const Word& word) {
    return words.cut ? words.text.source(word.begin, word.begin).begin == 0
                     : words.text.base() == 0;
  };
  rewrite_words(words, [&](Word word, Rewrite& rewrite) {
    const std::string_view text = words.word(word);
    const bool has_prefix = text.starts_with(' ') || text.starts_with(replacement);
    const bool wanted = prepend == Prepend::always || (prepend == Prepend::first && at_start(word));
    if (wanted && !has_prefix) rewrite.prepend(word.begin, replacement);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::size_t space = std::min(text.find(' ', i), text.size());
      rewrite.keep(word.begin + i, word.begin + space);
      i = space;
      if (i < text.size()) rewrite.replace(word.begin + i, word.begin + i + 1, replacement);
    }
  });
  if (split) SplitAtText{replacement, SplitBehavior::merged_with_next}.apply(words);
}

}  // namespace loquor
