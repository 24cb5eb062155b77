#include "base/random.h"

#include <sys/random.h>
#include <unistd.h>

#include <chrono>

namespace loquor {

namespace {

struct Product {
  std::uint32_t high, low;
};

Product multiply(std::uint32_t a, std::uint32_t b) noexcept {
  const std::uint64_t product = std::uint64_t{a} * b;
  return {static_cast<std::uint32_t>(product >> 32), static_cast<std::uint32_t>(product)};
}

std::array<std::uint32_t, 2> halves(std::uint64_t word) noexcept {
  return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 2> key,
                                    std::array<std::uint32_t, 4> counter) noexcept {
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    const Product first = multiply(0xD2511F53, counter[0]);
    const Product second = multiply(0xCD9E8D57, counter[2]);
    counter = {second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1],
               first.low};
    key[0] += 0x9E3779B9;  // the golden ratio
    key[1] += 0xBB67AE85;  // sqrt(3) - 1
  }
  return counter;
}

double uniform(std::uint64_t seed, std::uint64_t sequence, std::uint64_t step) noexcept {
  const auto [sequence_low, sequence_high] = halves(sequence);
  const auto [step_low, step_high] = halves(step);
  const auto words = philox(halves(seed), {step_low, step_high, sequence_low, sequence_high});
  const std::uint64_t bits = (std::uint64_t{words[1]} << 32 | words[0]) >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

std::uint64_t entropy_seed() noexcept {
  std::uint64_t seed;
  if (::getrandom(&seed, sizeof seed, GRND_NONBLOCK) == ssize_t{sizeof seed}) return seed;
  // Early in the boot, or where the call is forbidden: the clock and the process, mixed.
  const auto time =
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  const auto [low, high] = halves(time);
  const auto words = philox({static_cast<std::uint32_t>(::getpid()), 0}, {low, high, 0, 0});
  return std::uint64_t{words[1]} << 32 | words[0];
}

}  // namespace loquor
