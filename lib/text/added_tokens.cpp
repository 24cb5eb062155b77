// Finding added tokens, and what around them belongs to them.
#include "text/added_tokens.h"

#include "base/unicode.h"
#include "base/utf8.h"

namespace loquor {
namespace {

// Where the character that ends at `end` begins.
std::size_t previous(std::string_view text, std::size_t end) noexcept {
  do {
    --end;
  } while (end > 0 && (text[end] & 0xC0) == 0x80);
  return end;
}

std::vector<std::pair<std::string_view, std::int32_t>> names(
    const std::vector<AddedToken>& tokens) {
  std::vector<std::pair<std::string_view, std::int32_t>> names;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    names.emplace_back(tokens[i].content, static_cast<std::int32_t>(i));
  }
  return names;
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens)
    : tokens_(std::move(tokens)), names_(names(tokens_)) {}

bool AddedTokens::fits(const AddedToken& token, std::string_view text, std::size_t begin,
                       std::size_t end) const {
  if (!token.single_word) return true;
  if (begin > 0) {
    std::size_t before = previous(text, begin);
    if (unicode::is_word(next_code_point(text, before))) return false;
  }
  return end == text.size() || !unicode::is_word(next_code_point(text, end));
}

Fragment AddedTokens::stripped(const AddedToken& token, std::string_view text, std::size_t from,
                               std::size_t begin, std::size_t end) const {
  while (token.lstrip && begin > from) {
    const std::size_t before = previous(text, begin);
    std::size_t after = before;
    if (!unicode::is_white_space(next_code_point(text, after))) break;
    begin = before;
  }
  while (token.rstrip && end < text.size()) {
    std::size_t after = end;
    if (!unicode::is_white_space(next_code_point(text, after))) break;
    end = after;
  }
  return {begin, end, token.id};
}

std::vector<Fragment> AddedTokens::split(std::string_view text, const Allowed& allowed) const {
  std::vector<Fragment> fragments;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!names_.starts_with(text[at])) {
      ++at;
      continue;
    }
    const auto match =
        names_.longest_prefix(text.substr(at), [&](std::int32_t number, std::size_t size) {
          const AddedToken& token = tokens_[static_cast<std::size_t>(number)];
          return (!token.special || allowed(at, at + size)) && fits(token, text, at, at + size);
        });
    if (match.size == 0) {
      ++at;
      continue;
    }
    const Fragment found =
        stripped(tokens_[static_cast<std::size_t>(match.number)], text, done, at, at + match.size);
    if (done < found.begin) fragments.push_back({done, found.begin, -1});
    fragments.push_back(found);
    at = done = found.end;
  }
  if (done < text.size()) fragments.push_back({done, text.size(), -1});
  return fragments;
}

}  // namespace loquor
