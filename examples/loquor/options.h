// The library's options as flags: each is named, described and checked by the library's own table.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "interrupt.h"
#include "loquor/error.hpp"
#include "loquor/options_json.hpp"
#include "output.h"

namespace CLI {
class App;
}

namespace tool {

/// Flags for the options of one kind of call, and what was given for them.
class OptionFlags {
 public:
  explicit OptionFlags(std::string kind) : kind_(std::move(kind)) {}
  void add_to(CLI::App& command, const std::string& group);

  /// The options as the user gave them. Throws UsageError.
  template <class Options>
  Options options() const {
    Options result;
    try {
      set_json(result, given());
    } catch (const loquor::Error& error) {
      throw UsageError(error.what());
    }
    return result;
  }

 private:
  struct Flag {
    loquor::OptionDescription option;
    std::vector<std::string> values{};  // as given, none where not given
  };
  static std::string json_of(const Flag& flag);
  std::string given() const;

  std::string kind_;
  std::deque<Flag> flags_;  // CLI11 keeps addresses
};

}  // namespace tool
