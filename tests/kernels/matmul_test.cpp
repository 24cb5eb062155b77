// Matmul on packed weights: its numbers against the reference in double precision, and its bits.
#include "kernels/matmul.h"

#include <dlfcn.h>

#include <cmath>
#include <thread>

#include "kernels/bf16.h"
#include "kernels/machine.h"
#include "kernels/panel.h"

namespace loquor::tests {

namespace {

Runtime with_threads(int threads) {
  RuntimeOptions options;
  options.threads = threads;
  return Runtime(options);
}

PackedMatrix packed(const Runtime& runtime, ComputeType type, std::int64_t outputs,
                    std::int64_t inputs, const std::vector<float>& weight) {
  return PackedMatrix::pack(
      runtime, type, outputs, inputs,
      [&](std::int64_t first, std::int64_t count, float* out) {
        std::copy_n(weight.data() + first * inputs, count * inputs, out);
      },
      "test weight");
}

std::vector<float> product(const Runtime& runtime, const float* x, std::int64_t rows,
                           const PackedMatrix& weight, const float* bias) {
  const Buffer scratch(runtime, matmul_scratch_bytes(weight, rows) + 64, "scratch");
  Output y(rows * weight.outputs());
  matmul(runtime.state().pool(), x, rows, weight, bias, y.data(),
         const_cast<std::byte*>(scratch.as()));
  CHECK(y.intact());
  return {y.data(), y.data() + rows * weight.outputs()};
}

reference::Matrix<double> rounded(ComputeType type, const std::vector<float>& values,
                                  std::int64_t rows, std::int64_t columns) {
  auto matrix = reference::matrix<double>(values.data(), rows, columns);
  if (type == ComputeType::f32) return matrix;
  return matrix.unaryExpr([](double value) {
    return static_cast<double>(float_of(bf16_of(static_cast<float>(value))));
  });
}

struct Shape {
  std::int64_t outputs;
  std::int64_t inputs;
};

constexpr ComputeType kTypes[] = {ComputeType::f32, ComputeType::bf16};

}  // namespace

TEST_CASE("a product agrees with the reference for odd and empty shapes, with and without bias") {
  const Runtime runtime = with_threads(2);
  for (ComputeType type : kTypes) {
    for (std::int64_t outputs : {0, 1, 63, 64, 65, 200, 576}) {
      for (std::int64_t inputs : {0, 1, 17, 33, 64, 100, 1100}) {
        CAPTURE(name(type));
        CAPTURE(outputs);
        CAPTURE(inputs);
        const auto values = numbers(outputs * inputs, 1);
        const auto bias = numbers(outputs, 2);
        const PackedMatrix weight = packed(runtime, type, outputs, inputs, values);
        for (std::int64_t rows : {0, 1, 2, 5, 16, 21, 64, 100}) {
          CAPTURE(rows);
          const auto x = numbers(rows * inputs, 3);
          const auto y = product(runtime, x.data(), rows, weight, bias.data());
          // The activations are rounded too where the weights are stored as bf16.
          const auto want = reference::linear<double>(rounded(weight.type(), x, rows, inputs),
                                                      rounded(type, values, outputs, inputs),
                                                      reference::row<double>(bias.data(), outputs));
          CHECK(difference(y.data(), want) <= 4e-7 * std::max(8.0, static_cast<double>(inputs)));
          const auto plain = product(runtime, x.data(), rows, weight, nullptr);
          for (std::int64_t i = 0; i < rows * outputs; ++i) {
            const auto at = static_cast<std::size_t>(i);
            REQUIRE(plain[at] + bias[at % static_cast<std::size_t>(outputs)] == y[at]);
          }
        }
      }
    }
  }
}

TEST_CASE(
    "a row's bits do not depend on the number of rows, its position among them, or the threads") {
  const Runtime runtimes[] = {with_threads(1), with_threads(2), with_threads(3)};
  constexpr std::int64_t kMost = 600;
  for (ComputeType type : kTypes) {
    for (const Shape shape :
         {Shape{37, 33}, Shape{576, 576}, Shape{200, 1100}, Shape{130, 2048}, Shape{64, 4099}}) {
      const std::int64_t outputs = shape.outputs;
      const std::int64_t inputs = shape.inputs;
      CAPTURE(name(type));
      CAPTURE(outputs);
      CAPTURE(inputs);
      const PackedMatrix weight =
          packed(runtimes[0], type, outputs, inputs, numbers(outputs * inputs, 1));
      const auto bias = numbers(outputs, 2);
      const auto x = numbers(kMost * inputs, 3);
      const auto all = product(runtimes[0], x.data(), kMost, weight, bias.data());
      for (const Runtime& runtime : runtimes) {
        for (std::int64_t rows :
             {1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 48, 63, 64, 65, 129, 300, 511, 600}) {
          CAPTURE(rows);
          // From the first row and, so that every row stands elsewhere, up to the last one.
          for (std::int64_t begin : {std::int64_t{0}, kMost - rows}) {
            const auto y = product(runtime, x.data() + begin * inputs, rows, weight, bias.data());
            CHECK(same_bits(y.data(), all.data() + begin * outputs, rows * outputs));
          }
        }
      }
    }
  }
}

TEST_CASE("a packed matrix gives its rows back") {
  const Runtime runtime = with_threads(2);
  for (ComputeType type : kTypes) {
    for (const Shape shape : {Shape{1, 1}, Shape{130, 33}, Shape{64, 64}}) {
      const std::int64_t outputs = shape.outputs;
      const std::int64_t inputs = shape.inputs;
      const auto values = numbers(outputs * inputs, 1);
      const PackedMatrix weight = packed(runtime, type, outputs, inputs, values);
      CHECK(weight.outputs() == outputs);
      CHECK(weight.inputs() == inputs);
      CHECK(weight.bytes() == panel_count(outputs) * panel_bytes(weight.type(), inputs));
      const auto want = rounded(type, values, outputs, inputs);
      for (std::int64_t output = 0; output < outputs; ++output) {
        std::vector<float> row(static_cast<std::size_t>(inputs));
        weight.row(output, row.data());
        CHECK(difference(row.data(), want.row(output)) == 0);
      }
    }
  }
}

TEST_CASE(
    "the panel kernel of every instruction set agrees with the reference, and its rows' bits stand "
    "alone") {
  for_each_isa([](const KernelTable& table) {
    for (std::int64_t inputs : {0, 1, 33, 700}) {
      for (std::int64_t outputs : {1, 3, 8, 15, 16, 17, 31, 32, 33, 47, 63, 64}) {
        CAPTURE(inputs);
        CAPTURE(outputs);
        constexpr std::int64_t kRows = 23;
        const auto x = numbers(kRows * inputs, 1);
        const auto weight = numbers(outputs * inputs, 2);
        const auto bias = numbers(outputs, 3);
        std::vector<float> panel(static_cast<std::size_t>(inputs * kPanelOutputs));
        for (std::int64_t o = 0; o < outputs; ++o) {
          for (std::int64_t k = 0; k < inputs; ++k) {
            panel[static_cast<std::size_t>(k * kPanelOutputs + o)] =
                weight[static_cast<std::size_t>(o * inputs + k)];
          }
        }
        Output all(kRows * outputs);
        table.matmul_panel_f32(x.data(), inputs, kRows, inputs, panel.data(), bias.data(),
                               all.data(), outputs, outputs);
        CHECK(all.intact());
        const auto want =
            reference::linear<double>(reference::matrix<double>(x.data(), kRows, inputs),
                                      reference::matrix<double>(weight.data(), outputs, inputs),
                                      reference::row<double>(bias.data(), outputs));
        CHECK(difference(all.data(), want) <= 4e-7 * std::max(8.0, static_cast<double>(inputs)));
        for (std::int64_t row = 0; row < kRows; ++row) {
          Output one(outputs);
          table.matmul_panel_f32(x.data() + row * inputs, inputs, 1, inputs, panel.data(),
                                 bias.data(), one.data(), outputs, outputs);
          REQUIRE(one.intact());
          REQUIRE(same_bits(one.data(), all.data() + row * outputs, outputs));
        }
      }
    }
  });
}

TEST_CASE("threads of the host may multiply by the same weight at once") {
  const Runtime runtime = with_threads(2);
  const PackedMatrix weight = packed(runtime, ComputeType::bf16, 300, 200, numbers(300 * 200, 1));
  const auto x = numbers(70 * 200, 2);
  const auto want = product(runtime, x.data(), 70, weight, nullptr);
  std::vector<std::thread> threads;
  std::array<bool, 4> equal = {};
  for (bool& mine : equal) {
    threads.emplace_back([&] {
      mine = true;
      for (std::int64_t rows = 1; rows <= 70; ++rows) {
        const auto y = product(runtime, x.data(), rows, weight, nullptr);
        mine = mine && same_bits(y.data(), want.data(), rows * 300);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (bool mine : equal) CHECK(mine);
}

TEST_CASE("the caller's OpenMP setting comes back as it was") {
  const auto get = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (get == nullptr || set == nullptr) return;  // this oneDNN does not use OpenMP
  const int before = get();
  set(5);
  const Runtime runtime = with_threads(1);
  const PackedMatrix weight = packed(runtime, ComputeType::f32, 64, 64, numbers(64 * 64, 1));
  const auto x = numbers(20 * 64, 2);
  product(runtime, x.data(), 20, weight, nullptr);
  std::vector<float> c(20 * 20);
  matmul_plain(runtime.state().pool(), false, true, 20, 20, 64, x.data(), x.data(), c.data(),
               false);
  CHECK(get() == 5);
  set(before);
}

TEST_CASE("the implementation is named, and is ours below AVX-512") {
  for (ComputeType type : kTypes) {
    const std::string implementation = matmul_implementation(type);
    if (chosen_isa() == Isa::avx512 && (type == ComputeType::f32 || has_bf16_dot(Isa::avx512))) {
      CHECK(implementation.starts_with("onednn brg"));
    } else {
      CHECK(implementation == "loquor panel " + std::string(name(chosen_isa())));
    }
  }
}

TEST_CASE("plain matmul agrees with the reference, transposed or not, set or added to") {
  const Runtime runtime = with_threads(2);
  struct Sizes {
    std::int64_t m, n, k;
  };
  for (const Sizes sizes :
       {Sizes{1, 1, 1}, Sizes{3, 5, 7}, Sizes{300, 33, 65}, Sizes{600, 70, 17}, Sizes{0, 4, 4},
        Sizes{4, 0, 4}, Sizes{4, 5, 0}, Sizes{1, 100, 50}, Sizes{257, 1, 9}}) {
    const std::int64_t m = sizes.m;
    const std::int64_t n = sizes.n;
    const std::int64_t k = sizes.k;
    const auto a = numbers(m * k, 1);
    const auto b = numbers(k * n, 2);
    const auto start = numbers(m * n, 3);
    for (int options = 0; options < 8; ++options) {
      const bool transpose_a = (options & 1) != 0;
      const bool transpose_b = (options & 2) != 0;
      const bool accumulate = (options & 4) != 0;
      CAPTURE(m);
      CAPTURE(n);
      CAPTURE(k);
      CAPTURE(options);
      Output c(m * n);
      std::copy(start.begin(), start.end(), c.data());
      matmul_plain(runtime.state().pool(), transpose_a, transpose_b, m, n, k, a.data(), b.data(),
                   c.data(), accumulate);
      CHECK(c.intact());
      reference::Matrix<double> want = reference::matmul<double>(
          reference::matrix<double>(a.data(), transpose_a ? k : m, transpose_a ? m : k),
          transpose_a,
          reference::matrix<double>(b.data(), transpose_b ? n : k, transpose_b ? k : n),
          transpose_b);
      if (accumulate) want += reference::matrix<double>(start.data(), m, n);
      CHECK(difference(c.data(), want) <= 4e-7 * std::max(8.0, static_cast<double>(k)));
    }
  }
}

TEST_CASE("plain matmul has the same bits on any number of threads") {
  const auto a = numbers(700 * 130, 1);
  const auto b = numbers(130 * 90, 2);
  std::vector<float> first(700 * 90), c(700 * 90);
  for (int threads : {1, 2, 3}) {
    const Runtime runtime = with_threads(threads);
    matmul_plain(runtime.state().pool(), true, false, 700, 90, 130, a.data(), b.data(),
                 threads == 1 ? first.data() : c.data(), false);
    if (threads > 1) CHECK(same_bits(first.data(), c.data(), std::ssize(c)));
  }
}

}  // namespace loquor::tests
