// Reads expressions from a template's tokens; the statements around them are in statements.cpp.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/jinja/ast.h"
#include "text/jinja/lexer.h"

namespace loquor::jinja {

class Parser {
 public:
  static constexpr int kMaxDepth = 150;

  explicit Parser(std::string_view source) : tokens_(tokenize(source)) {}

 protected:
  using Kind = Token::Kind;

  // The tokens.
  const Token& token() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  int line() const { return token().line; }
  bool is(Kind kind, std::string_view text) const {
    return token().kind == kind && token().text == text;
  }
  bool is_symbol(std::string_view text) const { return is(Kind::symbol, text); }
  bool is_word(std::string_view text) const { return is(Kind::name, text); }
  const Token& take();
  bool skip_symbol(std::string_view text);
  bool skip_word(std::string_view text);
  void expect_symbol(std::string_view text);
  void expect_word(std::string_view text);
  void expect(Kind kind, std::string_view what);
  std::string take_name(std::string_view what);
  [[noreturn]] void fail_expected(std::string_view what) const;

  // Expressions, from the loosest binding to the tightest.
  ExpressionPtr expression();
  ExpressionPtr without_condition();  // no `x if y else z`
  /// Expressions separated by commas are a tuple.
  ExpressionPtr tuple(bool with_condition, std::string_view end_word = {});
  CallArguments call_arguments();
  FilterUse filter_use();

  Symbol intern(const std::string& name);

  /// Counts the levels of what is being read, while it lives.
  class Level {
   public:
    explicit Level(Parser& parser);
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  std::vector<std::string> names_;
  bool in_macro_ = false;
  bool uses_caller_ = false;  // the macro being read names `caller`
  std::vector<Symbol> macro_parameters_;

 private:
  template <class Node>
  ExpressionPtr make(int line, Node node, std::initializer_list<const Expression*> children);
  ExpressionPtr either();
  ExpressionPtr both();
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr sum();
  ExpressionPtr concatenation();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr sign(bool with_filters);
  ExpressionPtr primary();
  ExpressionPtr postfix(ExpressionPtr value);
  ExpressionPtr filters_and_tests(ExpressionPtr value);
  ExpressionPtr test(ExpressionPtr value);
  ExpressionPtr subscript(ExpressionPtr value);
  ExpressionPtr call(ExpressionPtr callee);
  ExpressionPtr name();
  ExpressionPtr text();
  ExpressionPtr number();
  ExpressionPtr list();
  ExpressionPtr dict();
  bool relation(Relation& found);

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::unordered_map<std::string, Symbol> symbols_;
};

}  // namespace loquor::jinja
