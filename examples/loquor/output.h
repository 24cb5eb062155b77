// What the tool prints: results to standard output, timings and progress to standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "json.h"
#include "loquor/output.hpp"

namespace tool {

/// Wrong use of the command line, as opposed to a failure of what was asked.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Standard output takes no more; `quiet` where its reader has gone, which is no failure to report.
struct OutputError : std::runtime_error {
  OutputError(const std::string& message, bool is_quiet)
      : std::runtime_error(message), quiet(is_quiet) {}
  bool quiet;
};

/// Writes to standard output at once.
void print(std::string_view text);
void print_line(const Json& json);
/// A line on standard error.
void note(std::string_view text);

std::string fixed(double value, int digits);
/// "4.2 MB"
std::string megabytes(std::int64_t bytes);
std::int64_t peak_memory();

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// "load 0.42 s, prompt 31 tokens at 812.0 tokens/s, ..."
std::string timings_line(double load_seconds, const loquor::Timings& timings);
Json output_json(const loquor::Output& output, double load_seconds);

}  // namespace tool
