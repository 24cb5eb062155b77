// Added tokens: names that are found in the text itself, before it is cut into words.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loquor/tokenizer.hpp"
#include "text/string_set.h"

namespace loquor {

struct AddedToken {
  std::int32_t id = 0;
  std::string content;
  bool special = false;      // found only where the caller allows; left out by skip_special_tokens
  bool single_word = false;  // found only where no character of words is next to it
  bool lstrip = false;       // takes white space before it
  bool rstrip = false;       // takes white space behind it
  bool normalized = false;   // found in the normalized text, else in the caller's
};

/// A stretch of text: an added token, or what lies between two.
struct Fragment {
  std::size_t begin, end;
  std::int32_t id;  // -1: plain text
};

/// Some added tokens, and the search for them: of those that start first, the longest.
class AddedTokens {
 public:
  AddedTokens() = default;
  explicit AddedTokens(std::vector<AddedToken> tokens);
  bool empty() const noexcept { return tokens_.empty(); }
  /// Whether a special token may stand at [begin, end). Where it may not, a shorter name can still
  /// be found there.
  using Allowed = std::function<bool(std::size_t begin, std::size_t end)>;
  /// The fragments of `text`, which cover it.
  std::vector<Fragment> split(std::string_view text, const Allowed& allowed) const;

 private:
  // Whether a match at [begin, end) counts, and what it takes with it; `from` is the end of the
  // fragment before.
  bool fits(const AddedToken& token, std::string_view text, std::size_t begin,
            std::size_t end) const;
  Fragment stripped(const AddedToken& token, std::string_view text, std::size_t from,
                    std::size_t begin, std::size_t end) const;
  std::vector<AddedToken> tokens_;
  StringSet names_;  // numbered by their place in tokens_
};

}  // namespace loquor
