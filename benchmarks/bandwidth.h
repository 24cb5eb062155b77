// How fast memory is read at the moment: machines differ from minute to minute, so every report
// says it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

namespace loquor::benchmarks {

/// GB/s that `threads` read together from 512 MiB, the best of five.
inline double memory_bandwidth(int threads) {
  constexpr std::size_t kBytes = std::size_t{512} << 20;
  const std::vector<char> bytes(kBytes, 'a');
  double best = 0;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> readers;
    std::vector<const void*> found(static_cast<std::size_t>(threads));
    const std::size_t part = kBytes / static_cast<std::size_t>(threads);
    for (std::size_t i = 0; i < found.size(); ++i) {
      readers.emplace_back([&, i] { found[i] = std::memchr(bytes.data() + i * part, 'b', part); });
    }
    for (std::thread& reader : readers) reader.join();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(kBytes) / taken.count() * 1e-9);
  }
  return best;
}

}  // namespace loquor::benchmarks
