// What a call that should fail threw.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "loquor/error.hpp"

namespace loquor::tests {

struct Failure {
  Code code = Code::ok;
  std::string message;

  bool has(std::string_view part) const { return message.find(part) != std::string::npos; }
};

/// The Error that fn throws; Code::ok when it throws none.
template <class Function>
Failure failure_of(Function&& fn) {
  try {
    fn();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

/// Checks the code, that the message is one line, and that it holds each of the parts.
template <class... Parts>
void check_failure(const Failure& failure, Code code, const Parts&... parts) {
  INFO("message: ", failure.message);
  CHECK(failure.code == code);
  CHECK_FALSE(failure.has("\n"));
  [[maybe_unused]] const auto check_part = [&](std::string_view part) {
    INFO("expected: ", std::string(part));
    CHECK(failure.has(part));
  };
  (check_part(parts), ...);
}

}  // namespace loquor::tests
