// Load, prefill and decode of a model, as JSON: benchmark_model MODEL [compute_type] [threads]
// Each figure is the best of several; memory bandwidth is measured with them.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <loquor/loquor.hpp>
#include <string>

#include "bandwidth.h"

namespace loquor::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::vector<std::int32_t> some_ids(const Model& model, std::int64_t count) {
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < count; ++i) {
    ids.push_back(static_cast<std::int32_t>((i * 7919 + 17) % model.info().vocabulary));
  }
  return ids;
}

void run(const std::string& path, const std::string& compute_type, int threads) {
  const auto start = Clock::now();
  const Model model(path, {.compute_type = compute_type, .runtime = Runtime({.threads = threads})});
  const double load = seconds_since(start);

  constexpr std::int64_t kPrompt = 512, kSteps = 64;
  const auto prompt = some_ids(model, std::min(kPrompt, model.info().context_length - kSteps));
  double prefill = 0, decode = 0;
  for (int round = 0; round < 5; ++round) {
    Session session(model);
    auto began = Clock::now();
    session.append(prompt);
    prefill = std::max(prefill, static_cast<double>(prompt.size()) / seconds_since(began));
    began = Clock::now();
    for (std::int64_t i = 0; i < kSteps; ++i) session.append(std::span(prompt).first(1));
    decode = std::max(decode, static_cast<double>(kSteps) / seconds_since(began));
  }
  // The probe takes memory of its own, so it comes after the peak is read.
  const double peak = peak_megabytes();
  const ModelInfo& info = model.info();
  std::printf(
      "{\"model\": \"%s\", \"compute_type\": \"%s\", \"isa\": \"%s\", \"threads\": %d,\n"
      " \"load_seconds\": %.3f, \"prefill_tokens_per_second\": %.1f, \"decode_tokens_per_second\": "
      "%.1f,\n"
      " \"weights_mb\": %.1f, \"peak_mb\": %.1f, \"memory_gb_per_s\": %.1f}\n",
      info.architecture.c_str(), info.compute_type.c_str(), info.isa.c_str(), threads, load,
      prefill, decode, static_cast<double>(info.weight_bytes) / (1 << 20), peak,
      memory_bandwidth(threads));
}

}  // namespace
}  // namespace loquor::benchmarks

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: benchmark_model MODEL [compute_type] [threads]\n");
    return 2;
  }
  try {
    const int threads = count > 3 ? std::atoi(arguments[3]) : loquor::Runtime::shared().threads();
    loquor::benchmarks::run(arguments[1], count > 2 ? arguments[2] : "auto", threads);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "benchmark_model: %s\n", error.what());
    return 1;
  }
  return 0;
}
