// Cuts a template into text and the tokens within its tags.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace loquor::jinja {

struct Token {
  enum class Kind : std::uint8_t {
    data,  ///< text outside of tags, white space already trimmed
    print_begin,
    print_end,
    block_begin,
    block_end,
    name,
    string,  ///< escapes already resolved
    integer,
    number,
    symbol,
    end,
  };
  Kind kind;
  int line;
  std::string text;
};

/// Never empty: the last token is `end`.
std::vector<Token> tokenize(std::string_view source);

template <class... Parts>
[[noreturn]] void fail_at(int line, Code code, const Parts&... parts) {
  fail(code, "chat template line ", line, ": ", parts...);
}

}  // namespace loquor::jinja
