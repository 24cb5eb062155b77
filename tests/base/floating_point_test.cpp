#include <doctest/doctest.h>

#include <cfenv>
#include <limits>
#include <thread>
#include <vector>

#include "base/threads.h"

using namespace loquor;

namespace {

// volatile, so that the processor does the arithmetic and not the compiler.
double halved(double value) {
  volatile double half = value;
  half = half * 0.5;
  return half;
}

float third() {
  volatile float one = 1;
  volatile float three = 3;
  return one / three;
}

constexpr double kLeastNormal = std::numeric_limits<double>::min();

}  // namespace

#if defined(__x86_64__) || defined(__aarch64__)

TEST_CASE("chunks flush denormals on every thread, and the caller's state comes back") {
  REQUIRE(halved(kLeastNormal) != 0);
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::vector<double> results(1000, -1);
    pool.parallel_for(1000, 1, [&](std::int64_t begin, std::int64_t) {
      results[static_cast<std::size_t>(begin)] = halved(kLeastNormal);
    });
    CHECK(results == std::vector<double>(1000, 0.0));
    CHECK(halved(kLeastNormal) != 0);
  }
}

TEST_CASE("the host's rounding mode does not reach the chunks") {
  const float nearest = third();
  ThreadPool pool(2);
  std::fesetround(FE_UPWARD);
  const float upward = third();
  std::vector<float> results(200);
  pool.parallel_for(200, 1, [&](std::int64_t begin, std::int64_t) {
    results[static_cast<std::size_t>(begin)] = third();
  });
  const int mode_after = std::fegetround();
  std::fesetround(FE_DOWNWARD);
  const float downward = third();
  std::fesetround(FE_TONEAREST);
  CHECK(upward != downward);
  CHECK(mode_after == FE_UPWARD);
  CHECK(results == std::vector<float>(200, nearest));
}

TEST_CASE("an exception does not leave our state with the caller") {
  ThreadPool pool(1);
  CHECK_THROWS(pool.parallel_for(3, 1, [](auto, auto) { throw 1; }));
  CHECK(halved(kLeastNormal) != 0);
}

#endif
