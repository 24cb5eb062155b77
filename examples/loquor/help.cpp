#include "help.h"

#include <sstream>

namespace tool {

namespace {

constexpr std::size_t kColumn = 34;  // where descriptions begin
constexpr std::size_t kWidth = 66;   // of a description

}  // namespace

std::string wrapped(const std::string& text, std::size_t width) {
  std::istringstream words(text);
  std::string result;
  std::size_t length = 0;  // of the last line
  for (std::string word; words >> word; length += word.size()) {
    if (length > 0 && length + 1 + word.size() > width) {
      result += '\n';
      length = 0;
    } else if (length > 0) {
      result += ' ';
      ++length;
    }
    result += word;
  }
  return result;
}

Help::Help() { column_width(kColumn); }

std::string Help::make_option_name(const CLI::Option* option, bool is_positional) const {
  std::string name = CLI::Formatter::make_option_name(option, is_positional);
  for (const std::string value : {"{true}", "{false}"}) {
    if (const auto found = name.find(value); found != std::string::npos)
      name.erase(found, value.size());
  }
  return name;
}

std::string Help::make_option_opts(const CLI::Option* option) const {
  if (option->get_positional() || option->get_type_size() == 0) return {};
  const std::string type = option->get_type_name();
  const bool is_list = option->get_expected_max() == CLI::detail::expected_max_vector_size;
  return (type.starts_with("INT") ? " NUMBER" : ' ' + type) + (is_list ? " ..." : "");
}

std::string Help::make_option_desc(const CLI::Option* option) const {
  return wrapped(option->get_description(), kWidth);
}

}  // namespace tool
