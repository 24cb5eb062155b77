// Norms, softmax and rotary positions on every instruction set, against the reference in double
// precision.
#include <cmath>

#include "kernels/machine.h"

namespace loquor::tests {

namespace {

constexpr std::int64_t kWidths[] = {1, 2, 3, 7, 16, 17, 63, 64, 65, 100, 576, 1000, 4099};

}  // namespace

TEST_CASE("rms_norm agrees with the reference to 2e-6 for every width") {
  for_each_isa([](const KernelTable& table) {
    for (std::int64_t columns : kWidths) {
      CAPTURE(columns);
      const std::int64_t rows = 3;
      const auto x = numbers(rows * columns, 1, 5);
      const auto weight = numbers(columns, 2);
      Output y(rows * columns);
      table.rms_norm(x.data(), weight.data(), 1e-5f, y.data(), rows, columns);
      CHECK(y.intact());
      const auto want =
          reference::rms_norm<double>(reference::matrix<double>(x.data(), rows, columns),
                                      reference::row<double>(weight.data(), columns), 1e-5);
      CHECK(difference(y.data(), want) <= 2e-6 * std::max(1.0, want.cwiseAbs().maxCoeff()));
    }
  });
}

TEST_CASE("layer_norm agrees with the reference to 4e-6 for every width, with and without bias") {
  for_each_isa([](const KernelTable& table) {
    for (std::int64_t columns : kWidths) {
      CAPTURE(columns);
      const std::int64_t rows = 3;
      auto x = numbers(rows * columns, 1, 5);
      for (float& value : x) value += 3;
      const auto weight = numbers(columns, 2);
      const auto bias = numbers(columns, 3);
      for (bool with_bias : {false, true}) {
        Output y(rows * columns);
        table.layer_norm(x.data(), weight.data(), with_bias ? bias.data() : nullptr, 1e-5f,
                         y.data(), rows, columns);
        CHECK(y.intact());
        const auto want = reference::layer_norm<double>(
            reference::matrix<double>(x.data(), rows, columns),
            reference::row<double>(weight.data(), columns),
            with_bias ? reference::row<double>(bias.data(), columns) : reference::Row<double>(),
            1e-5);
        CHECK(difference(y.data(), want) <= 4e-6 * std::max(1.0, want.cwiseAbs().maxCoeff()));
      }
    }
  });
}

TEST_CASE("softmax agrees with the reference to 5e-7, sums to 1, and works in place") {
  for_each_isa([](const KernelTable& table) {
    for (std::int64_t columns : kWidths) {
      CAPTURE(columns);
      const std::int64_t rows = 3;
      const auto x = numbers(rows * columns, 4, 6);
      Output y(rows * columns);
      std::copy(x.begin(), x.end(), y.data());
      table.softmax(y.data(), y.data(), rows, columns);
      CHECK(y.intact());
      const auto want =
          reference::softmax<double>(reference::matrix<double>(x.data(), rows, columns));
      CHECK(difference(y.data(), want) <= 5e-7);
      for (std::int64_t row = 0; row < rows; ++row) {
        double total = 0;
        for (std::int64_t i = 0; i < columns; ++i)
          total += static_cast<double>(y.data()[row * columns + i]);
        CHECK(std::abs(total - 1) <= 1e-6);
      }
    }
  });
}

TEST_CASE("softmax gives minus infinity an exact zero and does not overflow") {
  for_each_isa([](const KernelTable& table) {
    const float x[] = {3e38f, -INFINITY, 3e38f, -3e38f, -1e-30f};
    float y[5];
    table.softmax(x, y, 1, 5);
    CHECK(y[0] == 0.5f);
    CHECK(y[1] == 0.0f);
    CHECK(y[2] == 0.5f);
    CHECK(y[3] == 0.0f);
    CHECK(y[4] == 0.0f);
  });
}

TEST_CASE("a row's norm and softmax have the same bits alone and among others") {
  const std::int64_t rows = 5;
  const std::int64_t columns = 77;
  const auto x = numbers(rows * columns, 5);
  const auto weight = numbers(columns, 6);
  for_each_isa([&](const KernelTable& table) {
    std::vector<float> norm(x.size()), layer(x.size()), soft(x.size()),
        alone(static_cast<std::size_t>(columns));
    table.rms_norm(x.data(), weight.data(), 1e-5f, norm.data(), rows, columns);
    table.layer_norm(x.data(), weight.data(), nullptr, 1e-5f, layer.data(), rows, columns);
    table.softmax(x.data(), soft.data(), rows, columns);
    for (std::int64_t row = 0; row < rows; ++row) {
      table.rms_norm(&x[static_cast<std::size_t>(row * columns)], weight.data(), 1e-5f,
                     alone.data(), 1, columns);
      CHECK(same_bits(alone.data(), norm.data() + row * columns, columns));
      table.layer_norm(x.data() + row * columns, weight.data(), nullptr, 1e-5f, alone.data(), 1,
                       columns);
      CHECK(same_bits(alone.data(), layer.data() + row * columns, columns));
      table.softmax(x.data() + row * columns, alone.data(), 1, columns);
      CHECK(same_bits(alone.data(), soft.data() + row * columns, columns));
    }
  });
}

TEST_CASE("no rows and no columns are nothing to do") {
  for_each_isa([](const KernelTable& table) {
    Output y(0);
    table.rms_norm(nullptr, nullptr, 1e-5f, y.data(), 0, 8);
    table.layer_norm(nullptr, nullptr, nullptr, 1e-5f, y.data(), 2, 0);
    table.softmax(nullptr, y.data(), 2, 0);
    table.silu(nullptr, y.data(), 0);
    CHECK(y.intact());
  });
}

TEST_CASE(
    "rope agrees with the reference for halves and neighbours, and leaves what is not rotated") {
  for_each_isa([](const KernelTable& table) {
    for (std::int64_t head_width : {2, 6, 30, 64, 80, 128}) {
      for (std::int64_t rotary : {std::int64_t{2}, head_width / 4 * 2, head_width}) {
        for (bool interleaved : {false, true}) {
          CAPTURE(head_width);
          CAPTURE(rotary);
          CAPTURE(interleaved);
          const std::int64_t heads = 3;
          const auto x = numbers(heads * head_width, 7);
          const auto angles =
              reference::matrix<double>(numbers(rotary / 2, 8, 3).data(), 1, rotary / 2);
          std::vector<float> cosine, sine;
          for (std::int64_t i = 0; i < rotary / 2; ++i) {
            cosine.push_back(static_cast<float>(std::cos(angles(0, i))));
            sine.push_back(static_cast<float>(std::sin(angles(0, i))));
          }
          Output y(heads * head_width);
          std::copy(x.begin(), x.end(), y.data());
          table.rope(y.data(), cosine.data(), sine.data(), heads, head_width, rotary, interleaved);
          CHECK(y.intact());
          const auto want =
              reference::rope<double>(reference::matrix<double>(x.data(), 1, heads * head_width),
                                      angles, heads, interleaved);
          CHECK(difference(y.data(), want) <= 1e-6);
        }
      }
    }
  });
}

}  // namespace loquor::tests
