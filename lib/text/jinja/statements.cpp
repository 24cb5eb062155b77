// The grammar of statements: what {% ... %} tags say.
#include <utility>

#include "text/jinja/parser.h"

namespace loquor::jinja {

namespace {

class StatementParser : private Parser {
 public:
  explicit StatementParser(std::string_view source) : Parser(source) {}

  Program program() {
    Program program;
    program.loop = intern("loop");
    program.caller = intern("caller");
    program.body = body({});
    program.names = std::move(names_);
    return program;
  }

 private:
  using Words = std::initializer_list<std::string_view>;

  // What the tokens say up to a block that begins with one of `ends`, which is left to be read
  // after its "{%".
  Body body(Words ends) {
    const Level level(*this);
    const int start = line();
    Body out;
    for (;;) {
      const int at = line();
      switch (token().kind) {
        case Kind::data:
          out.push_back({at, Constant{constant(Text(take().text, true))}});
          break;
        case Kind::print_begin: {
          take();
          out.push_back({at, Print{tuple(true)}});
          expect(Kind::print_end, "}}");
          break;
        }
        case Kind::block_begin: {
          take();
          for (const std::string_view end : ends) {
            if (is_word(end)) return out;
          }
          out.push_back(statement());
          expect(Kind::block_end, "%}");
          break;
        }
        case Kind::end:
          if (ends.size() == 0) return out;
          fail_at(start, Code::invalid_file, "the block has no {% ", *(ends.end() - 1), " %}");
        default:
          fail_expected("a tag");
      }
    }
  }

  // The body after a tag, whose end is read first; then the word that ended it.
  Body block(Words ends) {
    skip_symbol(":");
    expect(Kind::block_end, "%}");
    return body(ends);
  }

  Body block_to(std::string_view end) {
    Body out = block({end});
    take();
    return out;
  }

  Statement statement() {
    const int at = line();
    const std::string word = take_name("the name of a statement");
    if (word == "if") return {at, condition()};
    if (word == "for") return {at, loop()};
    if (word == "set") return assignment(at);
    if (word == "macro") return {at, MacroDefinition{macro()}};
    if (word == "call") return {at, call_block()};
    if (word == "filter") {
      FilterBlock filtered{filters(true), {}};
      filtered.body = block_to("endfilter");
      return {at, std::move(filtered)};
    }
    if (word == "generation") return {at, Block{block_to("endgeneration")}};
    if (word == "break" || word == "continue") {
      if (loops_ == 0) fail_at(at, Code::invalid_file, "{% ", word, " %} outside of a loop");
      return {at, Jump{word == "break"}};
    }
    fail_at(at, Code::unsupported, "the statement ", quoted(word));
  }

  If condition() {
    If out;
    for (;;) {
      ExpressionPtr test = tuple(false);
      Body then = block({"elif", "else", "endif"});
      out.branches.emplace_back(std::move(test), std::move(then));
      if (skip_word("elif")) continue;
      if (skip_word("else")) out.otherwise = block({"endif"});
      expect_word("endif");
      return out;
    }
  }

  For loop() {
    For out;
    out.target = target();
    expect_word("in");
    out.items = tuple(false, "recursive");
    if (skip_word("if")) out.condition = expression();
    if (is_word("recursive")) fail_at(line(), Code::unsupported, "a recursive loop");
    ++loops_;
    out.body = block({"else", "endfor"});
    --loops_;
    if (skip_word("else")) out.otherwise = block({"endfor"});
    expect_word("endfor");
    return out;
  }

  // A name; name.member; or targets separated by commas, with or without parentheses.
  Target target() {
    const Level level(*this);
    Target out = target_part();
    if (!is_symbol(",")) return out;
    Target several;
    several.unpacks = true;
    several.parts.push_back(std::move(out));
    while (skip_symbol(",") && !is_word("in") && !is_symbol("=") && !is_symbol(")")) {
      several.parts.push_back(target_part());
    }
    return several;
  }

  Target target_part() {
    Target out;
    if (skip_symbol("(")) {
      out = target();
      expect_symbol(")");
    } else {
      out.symbol = target_name();
      if (skip_symbol(".")) out.member = take_name("the name of a member");
    }
    return out;
  }

  Symbol target_name() {
    const int at = line();
    const std::string name = take_name("a name to assign to");
    for (const std::string_view word : {"true", "false", "none", "True", "False", "None"}) {
      if (name == word) fail_at(at, Code::invalid_file, "cannot assign to ", name);
    }
    return intern(name);
  }

  std::vector<FilterUse> filters(bool name_first) {
    std::vector<FilterUse> out;
    if (name_first) out.push_back(filter_use());
    while (skip_symbol("|")) out.push_back(filter_use());
    return out;
  }

  Statement assignment(int at) {
    Target to = target();
    if (skip_symbol("=")) return {at, Set{std::move(to), tuple(true)}};
    SetBlock out{std::move(to), filters(false), {}};
    out.body = block_to("endset");
    return {at, std::move(out)};
  }

  std::vector<Macro::Parameter> signature() {
    std::vector<Macro::Parameter> out;
    expect_symbol("(");
    while (!is_symbol(")")) {
      if (!out.empty()) expect_symbol(",");
      const int at = line();
      const Symbol symbol = target_name();
      Macro::Parameter parameter{symbol, names_[symbol], nullptr};
      if (skip_symbol("=")) {
        parameter.default_value = expression();
      } else if (!out.empty() && out.back().default_value) {
        fail_at(at, Code::invalid_file, "a parameter without default follows one with default");
      }
      out.push_back(std::move(parameter));
    }
    take();
    return out;
  }

  // The body of a macro starts afresh: no loop around it counts.
  void macro_body(Macro& macro, std::string_view end) {
    const int loops = std::exchange(loops_, 0);
    const bool outer = std::exchange(in_macro_, true);
    const bool caller = std::exchange(uses_caller_, false);
    std::vector<Symbol> parameters;
    for (const auto& parameter : macro.parameters) parameters.push_back(parameter.symbol);
    parameters.swap(macro_parameters_);
    macro.body = block_to(end);
    macro_parameters_.swap(parameters);
    macro.uses_caller = std::exchange(uses_caller_, caller);
    in_macro_ = outer;
    loops_ = loops;
  }

  std::unique_ptr<const Macro> macro() {
    auto out = std::make_unique<Macro>();
    out->symbol = target_name();
    out->name = names_[out->symbol];
    out->parameters = signature();
    macro_body(*out, "endmacro");
    return out;
  }

  CallBlock call_block() {
    auto caller = std::make_unique<Macro>();
    caller->name = "caller";
    if (is_symbol("(")) caller->parameters = signature();
    const int at = line();
    ExpressionPtr called = expression();
    if (!std::holds_alternative<Call>(called->node))
      fail_at(at, Code::invalid_file, "{% call %} needs a call");
    CallBlock out;
    out.call = std::move(called);
    macro_body(*caller, "endcall");
    out.caller = std::move(caller);
    return out;
  }

  int loops_ = 0;  // around the statement being read, within its macro
};

}  // namespace

Program parse(std::string_view source) { return StatementParser(source).program(); }

}  // namespace loquor::jinja
