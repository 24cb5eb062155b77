// What each step does: https://huggingface.co/docs/tokenizers/api/decoders
#include "text/decoder.h"

#include "base/error.h"
#include "base/utf8.h"
#include "text/byte_level.h"
#include "text/component.h"
#include "text/space_mark.h"

namespace loquor {
namespace {

constexpr std::size_t kMostDecoderGrowth = 32;

std::string replaced(std::string_view text, std::string_view pattern, std::string_view content) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t found; (found = text.find(pattern, begin)) != std::string_view::npos;) {
    out.append(text, begin, found - begin).append(content);
    if (out.size() > kMostDecoderGrowth * text.size() + 4096) {
      fail(Code::unsupported, "the decoder makes the token ", quoted(text), " more than ",
           kMostDecoderGrowth, " times as long");
    }
    begin = found + pattern.size();
  }
  return out.append(text, begin);
}

struct Step {
  std::string& token;
  bool is_added;
  DecodeState& state;

  void operator()(const DecodeByteLevel&) const {
    if (is_added) return;
    std::string bytes;
    byte_level::decode(token, bytes);
    token = std::move(bytes);
  }

  void operator()(const DecodeByteFallback&) const {
    const auto digit = [](char c) -> int {
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                    : -1;
    };
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return;
    const int high = digit(token[3]), low = digit(token[4]);
    if (high >= 0 && low >= 0) token.assign(1, static_cast<char>(high * 16 + low));
  }

  void operator()(const DecodeReplace& step) const {
    token = replaced(token, step.pattern, step.content);
  }

  void operator()(const DecodeStrip& step) const {
    const std::size_t size = step.content.size();
    for (std::size_t i = 0; i < step.start && token.starts_with(step.content); ++i)
      token.erase(0, size);
    for (std::size_t i = 0; i < step.stop && token.ends_with(step.content); ++i)
      token.resize(token.size() - size);
  }

  void operator()(const DecodeStripText& step) const {
    while (!state.in_text && state.leading_removed < step.start &&
           token.starts_with(step.content)) {
      token.erase(0, step.content.size());
      ++state.leading_removed;
    }
  }

  void operator()(const DecodeMetaspace& step) const {
    const bool drop = step.drop_first && state.at_first_token;
    token = replaced(token, step.replacement, drop ? "" : " ");
  }

  void operator()(const DecodeWordPiece& step) const {
    if (!state.at_first_token) {
      if (token.starts_with(step.prefix)) {
        token.erase(0, step.prefix.size());
      } else {
        token.insert(token.begin(), ' ');
      }
    }
    if (!step.cleanup) return;
    constexpr std::pair<std::string_view, std::string_view> kClosed[] = {
        {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
        {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
        {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto& [apart, closed] : kClosed) token = replaced(token, apart, closed);
  }

  void operator()(const DecodeSentencePiece& step) const {
    while (!state.in_text && (step.drop_all || (step.drop_first && state.leading_removed == 0)) &&
           token.starts_with(kSpaceMark)) {
      token.erase(0, kSpaceMark.size());
      ++state.leading_removed;
    }
    token = replaced(token, kSpaceMark, " ");
  }

  void operator()(const DecodeJoin&) const {
    if (!state.at_first_token) token.insert(token.begin(), ' ');
  }
};

}  // namespace

void Decoder::decode(std::string_view name, bool is_added, DecodeState& state,
                     std::string& out) const {
  std::string token(name);
  for (const DecodeStep& step : steps_) std::visit(Step{token, is_added, state}, step);
  state.at_first_token = false;
  if (!token.empty()) state.in_text = true;
  out += token;
}

}  // namespace loquor
