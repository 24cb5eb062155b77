// Activations, sums and the rounding to bf16, on every instruction set.
#include <cmath>
#include <limits>

#include "kernels/bf16.h"
#include "kernels/machine.h"

namespace loquor::tests {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// -12 to 12 in steps of 1/512, and magnitudes from 1e-30 to 1e30.
std::vector<float> arguments() {
  std::vector<float> x;
  for (int i = -12 * 512; i <= 12 * 512; ++i) x.push_back(static_cast<float>(i) / 512);
  for (int i = -30; i <= 30; ++i) {
    x.push_back(std::pow(10.0f, static_cast<float>(i)));
    x.push_back(-x.back());
  }
  return x;
}

using Kernel = void (*)(const float*, float*, std::int64_t);

// bound(x): the error allowed, relative to the result. Results next to nothing may be nothing.
template <class Function, class Bound>
void check_activation(Kernel KernelTable::*kernel, Function function, Bound bound) {
  const std::vector<float> x = arguments();
  for_each_isa([&](const KernelTable& table) {
    Output y(std::ssize(x));
    (table.*kernel)(x.data(), y.data(), std::ssize(x));
    CHECK(y.intact());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = static_cast<double>(x[i]);
      const double want = function(exact);
      CAPTURE(exact);
      CAPTURE(want);
      CAPTURE(y.data()[i]);
      REQUIRE(std::abs(static_cast<double>(y.data()[i]) - want) <=
              bound(exact) * std::abs(want) + 1e-36);
    }
  });
}

}  // namespace

TEST_CASE("silu is within 3e-7 of itself") {
  check_activation(&KernelTable::silu, reference::silu<double>, [](double) { return 3e-7; });
}

// Below 0 the rounding of what goes into exp, about x^2 / 2 and 2 |x| + 0.07 |x|^3, shows in the
// vanishing result.

TEST_CASE("gelu is within 4e-7 of itself above 0, and 4e-7 (1 + x^2 / 2) below") {
  check_activation(&KernelTable::gelu, reference::gelu<double>,
                   [](double x) { return 4e-7 * (x > 0 ? 1 : 1 + x * x / 2); });
}

TEST_CASE("gelu_tanh is within 4e-7 of itself above 0, and 4e-7 (1 + 2 |x| + |x|^3 / 10) below") {
  check_activation(&KernelTable::gelu_tanh, reference::gelu_tanh<double>,
                   [](double x) { return 4e-7 * (x > 0 ? 1 : 1 - 2 * x - x * x * x / 10); });
}

TEST_CASE("relu is exact") {
  check_activation(&KernelTable::relu, reference::relu<double>, [](double) { return 0.0; });
}

TEST_CASE("relu_squared is within 1e-7 of itself") {
  check_activation(&KernelTable::relu_squared, reference::relu_squared<double>,
                   [](double x) { return x > 1e19 ? INFINITY : 1e-7; });
}

TEST_CASE("quick_gelu and sigmoid are within 4e-7 of themselves above 0, 4e-7 (1 + |x|) below") {
  const auto bound = [](double x) { return 4e-7 * (x > 0 ? 1 : 1 - x); };
  check_activation(&KernelTable::quick_gelu, reference::quick_gelu<double>, bound);
  check_activation(&KernelTable::sigmoid, reference::sigmoid<double>, bound);
}

TEST_CASE("sigmoid keeps to [0, 1] and carries NaN through") {
  for_each_isa([](const KernelTable& table) {
    const float x[] = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity, -1e30f};
    float y[4];
    table.sigmoid(x, y, 4);
    CHECK(std::isnan(y[0]));
    CHECK(y[1] == 1);
    CHECK(y[2] == 0);
    CHECK(y[3] == 0);
  });
}

TEST_CASE("tanh is within 3e-7 of itself and carries NaN through") {
  check_activation(
      &KernelTable::tanh, [](double x) { return std::tanh(x); }, [](double) { return 3e-7; });
  for_each_isa([](const KernelTable& table) {
    const float x[] = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity};
    float y[3];
    table.tanh(x, y, 3);
    CHECK(std::isnan(y[0]));
    CHECK(y[1] == 1);
    CHECK(y[2] == -1);
  });
}

TEST_CASE("activations carry NaN through and take infinity") {
  for_each_isa([](const KernelTable& table) {
    for (auto kernel : {table.silu, table.gelu, table.gelu_tanh, table.quick_gelu, table.relu,
                        table.relu_squared}) {
      const float x[] = {std::numeric_limits<float>::quiet_NaN(), kInfinity, -1e30f};
      float y[3];
      kernel(x, y, 3);
      CHECK(std::isnan(y[0]));
      CHECK(y[1] == kInfinity);
      CHECK(y[2] == 0);
    }
  });
}

TEST_CASE("element-wise kernels of every length read and write their elements only, in place too") {
  for_each_isa([](const KernelTable& table) {
    for (std::int64_t count = 0; count <= 70; ++count) {
      CAPTURE(count);
      const std::vector<float> a = numbers(count, 1);
      const std::vector<float> b = numbers(count, 2);
      Output total(count), product(count), clipped(count);
      table.add(a.data(), b.data(), total.data(), count);
      table.multiply(a.data(), b.data(), product.data(), count);
      std::copy(a.begin(), a.end(), clipped.data());
      table.relu(clipped.data(), clipped.data(), count);
      CHECK(total.intact());
      CHECK(product.intact());
      CHECK(clipped.intact());
      for (std::int64_t i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(i);
        REQUIRE(total.data()[i] == a[at] + b[at]);
        REQUIRE(product.data()[i] == a[at] * b[at]);
        REQUIRE(clipped.data()[i] == std::max(a[at], 0.0f));
      }
    }
  });
}

TEST_CASE("an element's activation does not depend on where in the row it stands") {
  const std::vector<float> x = numbers(67, 3);
  for_each_isa([&](const KernelTable& table) {
    for (auto kernel :
         {table.silu, table.gelu, table.gelu_tanh, table.quick_gelu, table.sigmoid, table.tanh}) {
      std::vector<float> together(x.size());
      kernel(x.data(), together.data(), std::ssize(x));
      for (std::size_t i = 0; i < x.size(); ++i) {
        float alone;
        kernel(&x[i], &alone, 1);
        REQUIRE(same_bits(&alone, &together[i], 1));
      }
    }
  });
}

TEST_CASE("rounding to bf16 takes the nearest, ties to even, and keeps infinity and NaN") {
  std::mt19937 generator(4);
  std::vector<float> x = {0.0f,        -0.0f,       1.0f,
                          kInfinity,   -kInfinity,  std::numeric_limits<float>::max(),
                          1.00390625f, 1.01171875f, std::numeric_limits<float>::quiet_NaN()};
  while (x.size() < 5000)
    x.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(generator())));
  for_each_isa([&](const KernelTable& table) {
    std::vector<std::uint16_t> y(x.size());
    table.to_bf16(x.data(), y.data(), std::ssize(x));
    for (std::size_t i = 0; i < x.size(); ++i) {
      CAPTURE(x[i]);
      REQUIRE(y[i] == bf16_of(x[i]));
      const double got = static_cast<double>(float_of(y[i]));
      if (std::isnan(x[i])) {
        REQUIRE(std::isnan(got));
        continue;
      }
      // No neighbour is nearer; of two equally near ones the even one was taken.
      if (std::isinf(got)) {
        REQUIRE(std::abs(x[i]) >= 3.3961775e38f);
        continue;
      }
      for (int step : {-1, 1}) {
        const double other = static_cast<double>(float_of(static_cast<std::uint16_t>(y[i] + step)));
        if (std::isnan(other) || std::isinf(other) || (y[i] & 0x7fff) == 0) continue;
        const double exact = static_cast<double>(x[i]);
        REQUIRE(std::abs(got - exact) <= std::abs(other - exact));
        if (std::abs(got - exact) == std::abs(other - exact)) REQUIRE(y[i] % 2 == 0);
      }
    }
  });
  CHECK(bf16_of(1.00390625f) == 0x3f80);  // halfway between 0x3f80 and 0x3f81
  CHECK(bf16_of(1.01171875f) == 0x3f82);  // halfway between 0x3f81 and 0x3f82
}

}  // namespace loquor::tests
