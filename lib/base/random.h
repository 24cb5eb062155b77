// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3").
#pragma once

#include <array>
#include <cstdint>

namespace loquor {

/// Four 32-bit random words that are a pure function of key and counter.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 2> key,
                                    std::array<std::uint32_t, 4> counter) noexcept;

/// A double in [0, 1) with 53 random bits: a pure function of (seed, sequence, step).
double uniform(std::uint64_t seed, std::uint64_t sequence, std::uint64_t step) noexcept;

/// A seed from the system's entropy source, for callers that gave none; reported back so that
/// output can be had again.
std::uint64_t entropy_seed() noexcept;

}  // namespace loquor
