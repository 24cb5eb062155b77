// Steps through the tokens of a template; what a grammar needs from them.
#include "text/jinja/parser.h"

namespace loquor::jinja {

Parser::Level::Level(Parser& parser) : parser_(parser) {
  if (parser_.depth_ == kMaxDepth) {
    fail_at(parser_.line(), Code::unsupported, "nested deeper than ", kMaxDepth, " levels");
  }
  ++parser_.depth_;
}

const Token& Parser::take() {
  const Token& taken = token();
  if (at_ + 1 < tokens_.size()) ++at_;
  return taken;
}

bool Parser::skip_symbol(std::string_view text) {
  if (!is_symbol(text)) return false;
  take();
  return true;
}

bool Parser::skip_word(std::string_view text) {
  if (!is_word(text)) return false;
  take();
  return true;
}

void Parser::expect_symbol(std::string_view text) {
  if (!skip_symbol(text)) fail_expected(text);
}

void Parser::expect_word(std::string_view text) {
  if (!skip_word(text)) fail_expected(text);
}

void Parser::expect(Kind kind, std::string_view what) {
  if (token().kind != kind) fail_expected(what);
  take();
}

std::string Parser::take_name(std::string_view what) {
  if (token().kind != Kind::name) fail_expected(what);
  return take().text;
}

void Parser::fail_expected(std::string_view what) const {
  const auto found = [&]() -> std::string {
    switch (token().kind) {
      case Kind::end:
        return "the end of the template";
      case Kind::print_end:
        return "}}";
      case Kind::block_end:
        return "%}";
      case Kind::data:
      case Kind::print_begin:
      case Kind::block_begin:
        return "the end of the tag";
      default:
        return quoted(token().text);
    }
  };
  fail_at(line(), Code::invalid_file, "expected ", what, ", found ", found());
}

Symbol Parser::intern(const std::string& name) {
  const auto [entry, is_new] = symbols_.emplace(name, names_.size());
  if (is_new) names_.push_back(name);
  return entry->second;
}

}  // namespace loquor::jinja
