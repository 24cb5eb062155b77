// How --help looks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tool {

/// The text in lines of at most so many characters.
std::string wrapped(const std::string& text, std::size_t width);

/// CLI11's help in lines that fit a terminal, without what says nothing to a reader: types of
/// positionals, the values that flags stand for (--do-sample{true}), ranges.
class Help : public CLI::Formatter {
 public:
  Help();
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace tool
