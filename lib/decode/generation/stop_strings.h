// Holds back text that may turn out to be a stop string.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loquor {

class StopStrings {
 public:
  /// Throws Error(invalid_argument) for an empty stop string.
  explicit StopStrings(std::vector<std::string> stops);

  /// Takes more text and gives what can no longer be part of a stop string. Once a stop string is
  /// complete, stopped() holds, and it and all after it are gone.
  std::string push(std::string_view text);
  /// What is still held back, at the end of the text.
  std::string finish();
  bool stopped() const noexcept { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace loquor
