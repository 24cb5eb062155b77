#include "base/random.h"

#include <doctest/doctest.h>

#include <vector>

using namespace loquor;

// The known answers that Random123 publishes (kat_vectors, philox4x32 with 10 rounds).
TEST_CASE("philox gives the published answers") {
  using Words = std::array<std::uint32_t, 4>;
  constexpr std::uint32_t kOnes = 0xffffffff;
  CHECK(philox({0, 0}, {0, 0, 0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({kOnes, kOnes}, {kOnes, kOnes, kOnes, kOnes}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("uniform lies in [0, 1), depends on each argument alone and spreads evenly") {
  CHECK(uniform(1, 2, 3) == uniform(1, 2, 3));
  CHECK(uniform(1, 2, 3) != uniform(2, 2, 3));
  CHECK(uniform(1, 2, 3) != uniform(1, 3, 3));
  CHECK(uniform(1, 2, 3) != uniform(1, 2, 4));
  CHECK(uniform(1, 2, 3) != uniform(std::uint64_t{1} << 32 | 1, 2, 3));
  constexpr int kDraws = 100000;
  constexpr std::size_t kBins = 20;
  std::vector<int> bins(kBins);
  for (int step = 0; step < kDraws; ++step) {
    const double value = uniform(42, 0, static_cast<std::uint64_t>(step));
    REQUIRE(value >= 0);
    REQUIRE(value < 1);
    ++bins[static_cast<std::size_t>(value * kBins)];
  }
  double chi_squared = 0;
  constexpr double kExpected = static_cast<double>(kDraws) / kBins;
  for (const int count : bins) chi_squared += (count - kExpected) * (count - kExpected) / kExpected;
  CHECK(chi_squared < 43.8);  // the 99.9 % point of 19 degrees of freedom
}

TEST_CASE("two seeds from the system differ") { CHECK(entropy_seed() != entropy_seed()); }
