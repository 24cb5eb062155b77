// Rates of the kernels as JSON: matmul beside oneDNN's own best on the same shapes, attention,
// packing, and a probe of the memory's bandwidth, since machines differ from minute to minute.
// Usage: benchmark_kernels [threads]
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <dnnl.hpp>
#include <functional>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "bandwidth.h"
#include "base/json.h"
#include "base/runtime.h"
#include "kernels/attention.h"
#include "kernels/matmul.h"

namespace loquor {

namespace {

// Seconds of the fastest call of each function. They take turns, so that a slow minute hits all
// alike, of 50 ms, so that waiting threads of one library, which spin for a while, do not take the
// processor from the other.
std::vector<double> fastest(const std::vector<std::function<void()>>& functions, int turns = 6) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> best(functions.size(), std::numeric_limits<double>::infinity());
  for (int turn = 0; turn < turns; ++turn) {
    for (std::size_t i = 0; i < functions.size(); ++i) {
      const auto end = Clock::now() + std::chrono::milliseconds(50);
      do {
        const auto start = Clock::now();
        functions[i]();
        best[i] = std::min(best[i], std::chrono::duration<double>(Clock::now() - start).count());
      } while (Clock::now() < end);
    }
  }
  return best;
}

double rounded(double value) { return std::round(value * 100) / 100; }

std::vector<float> numbers(std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(state >> 8) * 0x1p-23f - 1;
  }
  return values;
}

// oneDNN as it likes it best: formats of its own choice, one call, its own threads.
class OneDnn {
 public:
  OneDnn(ComputeType type, std::int64_t rows, std::int64_t outputs, std::int64_t inputs) {
    using Desc = dnnl::memory::desc;
    using Tag = dnnl::memory::format_tag;
    const auto f32 = dnnl::memory::data_type::f32;
    const auto data_type = type == ComputeType::bf16 ? dnnl::memory::data_type::bf16 : f32;
    const Desc x({rows, inputs}, data_type, Tag::ab);
    const Desc weight({inputs, outputs}, data_type, Tag::any);
    const Desc y({rows, outputs}, f32, Tag::ab);
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc description(engine_, x, weight, y);
#else
    const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(x, weight, y), engine_);
#endif
    matmul_ = dnnl::matmul(description);
    arguments_ = {{DNNL_ARG_SRC, dnnl::memory(description.src_desc(), engine_)},
                  {DNNL_ARG_WEIGHTS, dnnl::memory(description.weights_desc(), engine_)},
                  {DNNL_ARG_DST, dnnl::memory(description.dst_desc(), engine_)}};
    for (auto& [which, memory] : arguments_) {
      std::fill_n(static_cast<std::uint16_t*>(memory.get_data_handle()),
                  memory.get_desc().get_size() / 2, std::uint16_t{0x3f00});
    }
  }
  void run() {
    matmul_.execute(stream_, arguments_);
    stream_.wait();
  }

 private:
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::matmul matmul_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

Json matmuls(const Runtime& runtime) {
  struct Shape {
    std::int64_t outputs, inputs;
  };
  Json results = Json::array();
  for (ComputeType type : {ComputeType::f32, ComputeType::bf16}) {
    for (const Shape shape :
         {Shape{576, 576}, Shape{3072, 576}, Shape{576, 1536}, Shape{4096, 2048}}) {
      const auto weights = numbers(shape.outputs * shape.inputs);
      const auto weight = PackedMatrix::pack(
          runtime, type, shape.outputs, shape.inputs,
          [&](std::int64_t first, std::int64_t count, float* out) {
            std::copy_n(weights.data() + first * shape.inputs, count * shape.inputs, out);
          },
          "weight");
      for (std::int64_t rows : {1, 4, 16, 64, 512}) {
        const auto x = numbers(rows * shape.inputs);
        std::vector<float> y(static_cast<std::size_t>(rows * shape.outputs));
        Buffer scratch(runtime, matmul_scratch_bytes(weight, rows) + 64, "scratch");
        OneDnn onednn(type, rows, shape.outputs, shape.inputs);
        ThreadPool::Awake awake(runtime.state().pool());
        const auto seconds = fastest({[&] {
                                        matmul(runtime.state().pool(), x.data(), rows, weight,
                                               nullptr, y.data(), scratch.as());
                                      },
                                      [&] { onednn.run(); }});
        const double operations = 2e-9 * static_cast<double>(rows * shape.outputs * shape.inputs);
        Json result = Json::object();
        result["type"] = name(type);
        result["outputs"] = shape.outputs;
        result["inputs"] = shape.inputs;
        result["rows"] = rows;
        result["gflops"] = rounded(operations / seconds[0]);
        result["onednn_gflops"] = rounded(operations / seconds[1]);
        result["ratio"] = rounded(seconds[1] / seconds[0]);
        results.push_back(std::move(result));
      }
    }
  }
  return results;
}

// A kv head of `positions` positions and the query rows that share it, tile by tile on one thread.
Json attention(CacheType type, std::int64_t rows, std::int64_t positions, bool causal) {
  constexpr std::int64_t kHeadWidth = 64;
  const auto count = static_cast<std::size_t>(rows);
  const std::int64_t blocks = positions / kBlockPositions;
  std::vector<float> keys = numbers(blocks * block_bytes(type, kHeadWidth) / 4);
  std::vector<float> values = numbers(blocks * block_bytes(type, kHeadWidth) / 4);
  const auto row = numbers(kHeadWidth);
  std::vector<const void*> key_blocks, value_blocks;
  for (std::int64_t block = 0; block < blocks; ++block) {
    auto* key = reinterpret_cast<std::byte*>(keys.data()) + block * block_bytes(type, kHeadWidth);
    auto* value =
        reinterpret_cast<std::byte*>(values.data()) + block * block_bytes(type, kHeadWidth);
    for (std::int64_t p = 0; p < kBlockPositions; ++p) {
      write_key_value(type, kHeadWidth, p, row.data(), row.data(), key, value);
    }
    key_blocks.push_back(key);
    value_blocks.push_back(value);
  }
  const auto queries = numbers(rows * kHeadWidth);
  std::vector<float> maximum(count), sum(count), output(count * kHeadWidth);
  std::vector<std::int32_t> first(count), last(count);
  const auto seconds = fastest({[&] {
    for (std::int64_t tile = 0; tile * kTilePositions < positions; ++tile) {
      for (std::size_t i = 0; i < count; ++i) {
        last[i] =
            static_cast<std::int32_t>(causal ? static_cast<std::int64_t>(i) / 3 + 1 : positions) -
            static_cast<std::int32_t>(tile * kTilePositions);
      }
      // Rows of a causal prompt that end before the tile are left out, as a caller does.
      const std::int64_t skipped = causal ? std::min(rows, 3 * tile * kTilePositions) : 0;
      kernels().attention_tile(
          {.queries = queries.data() + skipped * kHeadWidth,
           .rows = rows - skipped,
           .head_width = kHeadWidth,
           .keys = key_blocks.data() + tile * kTilePositions / kBlockPositions,
           .values = value_blocks.data() + tile * kTilePositions / kBlockPositions,
           .type = type,
           .first = first.data() + skipped,
           .last = last.data() + skipped,
           .maximum = maximum.data(),
           .sum = sum.data(),
           .output = output.data()});
    }
  }})[0];
  const double pairs = static_cast<double>(rows * positions) / (causal ? 2 : 1);
  Json result = Json::object();
  result["cache"] = type == CacheType::f32 ? "f32" : "bf16";
  result["rows"] = rows;
  result["positions"] = positions;
  result["causal"] = causal;
  result["microseconds"] = rounded(seconds * 1e6);
  result["gflops"] = rounded(4e-9 * pairs * kHeadWidth / seconds);
  result["cache_gb_per_s"] =
      rounded(1e-9 * 2 * static_cast<double>(blocks * block_bytes(type, kHeadWidth)) / seconds);
  return result;
}

// Reading half a gigabyte, which no cache holds, in search of a byte that is not there.
double packing_seconds(const Runtime& runtime, ComputeType type) {
  // About as many weights as SmolLM2-135M has.
  constexpr std::int64_t kOutputs = 233472;
  constexpr std::int64_t kInputs = 576;
  const auto source = numbers(64 * kInputs);
  return fastest({[&] {
    PackedMatrix::pack(
        runtime, type, kOutputs, kInputs,
        [&](std::int64_t, std::int64_t count, float* out) {
          std::copy_n(source.data(), count * kInputs, out);
        },
        "weight");
  }})[0];
}

void run(int threads) {
  RuntimeOptions options;
  options.threads = threads;
  const Runtime runtime(options);
  if (auto* set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"))) {
    set(runtime.threads());
  }
  Json report = Json::object();
  report["isa"] = name(chosen_isa());
  report["threads"] = runtime.threads();
  report["f32"] = matmul_implementation(ComputeType::f32);
  report["bf16"] = matmul_implementation(ComputeType::bf16);
  report["memory_gb_per_s_before"] = rounded(benchmarks::memory_bandwidth(runtime.threads()));
  report["matmul"] = matmuls(runtime);
  Json attentions = Json::array();
  for (CacheType type : {CacheType::f32, CacheType::bf16}) {
    attentions.push_back(attention(type, 3 * 512, 512, true));
    attentions.push_back(attention(type, 3, 1024, false));
    attentions.push_back(attention(type, 1, 1024, false));
  }
  report["attention_one_thread"] = std::move(attentions);
  report["pack_134m_seconds_f32"] = rounded(packing_seconds(runtime, ComputeType::f32));
  report["pack_134m_seconds_bf16"] = rounded(packing_seconds(runtime, ComputeType::bf16));
  report["memory_gb_per_s_after"] = rounded(benchmarks::memory_bandwidth(runtime.threads()));
  std::puts(report.dump(2).c_str());
}

}  // namespace

}  // namespace loquor

int main(int count, char** arguments) {
  try {
    loquor::run(count > 1 ? std::atoi(arguments[1]) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "benchmark_kernels: %s\n", error.what());
    return 1;
  }
  return 0;
}
