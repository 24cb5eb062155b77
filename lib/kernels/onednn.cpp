// The only file that sees oneDNN (2.6 and 3.x): matmul primitives, made and run with one OpenMP
// thread and scratch memory of the caller, so that they may run on any of our threads at once.
// https://oneapi-src.github.io/oneDNN/dev_guide_matmul.html
#include "kernels/onednn.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <dnnl.hpp>
#include <map>
#include <mutex>
#include <new>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "kernels/bf16.h"
#include "kernels/headroom.h"
#include "kernels/one_thread.h"
#include "kernels/panel.h"

namespace loquor::onednn {

namespace {

using Memory = dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine processor(dnnl::engine::kind::cpu, 0);
  return processor;
}

// Keeps oneDNN from remembering what is made while it lives: primitives end with their owner, and
// one whose making failed would stay as a broken promise that the next one of its shape meets. The
// cache's capacity is everybody's, so one at a time.
class WithoutCache {
 public:
  WithoutCache() {
    if (dnnl_get_primitive_cache_capacity(&capacity_) == dnnl_success)
      dnnl_set_primitive_cache_capacity(0);
  }
  ~WithoutCache() { dnnl_set_primitive_cache_capacity(capacity_); }
  WithoutCache(const WithoutCache&) = delete;
  WithoutCache& operator=(const WithoutCache&) = delete;

 private:
  int capacity_ = 0;
};

// Runs fn, turning oneDNN's exception into ours.
template <class Function>
auto guarded(Function&& fn) {
  try {
    const OneThread one_thread;
    return fn();
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
    fail(Code::internal, "oneDNN: ", std::string_view(error.what()));
  }
}

// Whether this thread has run oneDNN before. As inside_region in base/threads.cpp.
[[gnu::tls_model("initial-exec")]] thread_local bool has_run = false;

}  // namespace

// One matmul of fixed shapes, which any number of threads may run at once.
class Primitive {
 public:
  explicit Primitive(const dnnl::matmul::primitive_desc& description)
      : description_(description), matmul_(description) {}
  ~Primitive() {
    for (auto& spare : spares_) delete spare.load();
  }

  void run(const void* a, const void* b, float* c) const {
    auto execution = take();
    if (has_run && execution) return execute(std::move(execution), a, b, c);
    // A first run also makes the thread's own data, and the kernels that plain products share.
    const Headroom headroom;
    if (!execution) execution = std::make_unique<Execution>(description_);
    execute(std::move(execution), a, b, c);
    has_run = true;
  }

  std::string implementation() const { return description_.impl_info_str(); }

 private:
  // What one execution needs. Making it takes longer than a small product, so they wait for their
  // next use, one for each thread of a large machine.
  struct Execution {
    explicit Execution(const dnnl::matmul::primitive_desc& description)
        : a(description.src_desc(), engine(), DNNL_MEMORY_NONE),
          b(description.weights_desc(), engine(), DNNL_MEMORY_NONE),
          c(description.dst_desc(), engine(), DNNL_MEMORY_NONE),
          stream(engine()),
          arguments{{DNNL_ARG_SRC, a},
                    {DNNL_ARG_WEIGHTS, b},
                    {DNNL_ARG_DST, c},
                    {DNNL_ARG_SCRATCHPAD, Memory(description.scratchpad_desc(), engine())}} {}
    Memory a, b, c;
    dnnl::stream stream;
    std::unordered_map<int, Memory> arguments;
  };

  std::unique_ptr<Execution> take() const {
    for (auto& spare : spares_) {
      if (spare.load(std::memory_order_relaxed) == nullptr) continue;
      if (auto* execution = spare.exchange(nullptr)) return std::unique_ptr<Execution>(execution);
    }
    return nullptr;
  }

  void execute(std::unique_ptr<Execution> execution, const void* a, const void* b, float* c) const {
    execution->a.set_data_handle(const_cast<void*>(a));
    execution->b.set_data_handle(const_cast<void*>(b));
    execution->c.set_data_handle(c);
    matmul_.execute(execution->stream, execution->arguments);
    execution->stream.wait();
    keep(std::move(execution));
  }

  void keep(std::unique_ptr<Execution> execution) const {
    for (auto& spare : spares_) {
      Execution* none = nullptr;
      if (spare.compare_exchange_strong(none, execution.get())) {
        static_cast<void>(execution.release());  // the spare has it
        return;
      }
    }
  }

  dnnl::matmul::primitive_desc description_;
  dnnl::matmul matmul_;
  mutable std::array<std::atomic<Execution*>, 64> spares_ = {};
};

namespace {

// A (m, k) times B (k, n).
std::unique_ptr<const Primitive> make_primitive(const Memory::desc& a, const Memory::desc& b,
                                                const Memory::desc& c) {
  const Headroom headroom;
  const WithoutCache without_cache;
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::matmul::primitive_desc description(engine(), a, b, c, attributes);
#else
  const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(a, b, c), attributes, engine());
#endif
  return std::make_unique<const Primitive>(description);
}

// Which of the kinds of slices has that many rows: 1 to 16, 32, 48, 64.
std::size_t kind(std::int64_t rows) {
  return static_cast<std::size_t>(rows <= 16 ? rows - 1 : 14 + rows / 16);
}

// Slices of about a quarter of a megabyte: large beside what a call costs, small enough to share
// out and for the cache. All but the last are equal, and the last is not much smaller.
std::int64_t slice_columns(ComputeType type, std::int64_t outputs, std::int64_t inputs) {
  const std::int64_t panels = panel_count(outputs);
  const std::int64_t most = std::clamp<std::int64_t>((256 << 10) / panel_bytes(type, inputs), 1, 4);
  const std::int64_t slices = (panels + most - 1) / most;
  return (panels + slices - 1) / slices * kPanelOutputs;
}

}  // namespace

PackedMatmul::PackedMatmul(ComputeType type, std::int64_t outputs, std::int64_t inputs)
    : type_(type), inputs_(inputs), columns_(slice_columns(type, outputs, inputs)) {}

PackedMatmul::~PackedMatmul() {
  for (auto& of_rows : primitives_) {
    for (auto& primitive : of_rows) delete primitive.load();
  }
}

std::shared_ptr<const PackedMatmul> PackedMatmul::find(ComputeType type, std::int64_t outputs,
                                                       std::int64_t inputs) {
  if (chosen_isa() != Isa::avx512 || outputs == 0 || inputs == 0) return nullptr;
  if (type == ComputeType::bf16 && !has_bf16_dot(chosen_isa())) return nullptr;

  static std::mutex mutex;
  static std::map<std::tuple<ComputeType, std::int64_t, std::int64_t>,
                  std::weak_ptr<const PackedMatmul>>
      known;
  const std::lock_guard lock(mutex);
  auto& slot = known[{type, outputs, inputs}];
  if (auto found = slot.lock()) return found;
  auto made = std::make_shared<const PackedMatmul>(type, outputs, inputs);
  if (!made->fast(outputs) || !made->steady()) return nullptr;
  slot = made;
  return made;
}

const Primitive& PackedMatmul::primitive(std::int64_t rows, std::int64_t columns) const {
  auto& slot = primitives_[kind(rows)][columns == columns_ ? 0 : 1];
  if (const Primitive* made = slot.load(std::memory_order_acquire)) return *made;
  const auto data_type =
      type_ == ComputeType::bf16 ? Memory::data_type::bf16 : Memory::data_type::f32;
  const auto packed =
      type_ == ComputeType::bf16 ? Memory::format_tag::BA16a64b2a : Memory::format_tag::BA16a64b;
  auto fresh = make_primitive({{rows, inputs_}, data_type, Memory::format_tag::ab},
                              {{inputs_, columns}, data_type, packed},
                              {{rows, columns}, Memory::data_type::f32, Memory::format_tag::ab});
  const Primitive* first = nullptr;
  if (slot.compare_exchange_strong(first, fresh.get(), std::memory_order_acq_rel)) {
    return *fresh.release();
  }
  return *first;  // another thread was faster
}

void PackedMatmul::run(std::int64_t rows, std::int64_t columns, const void* x, const void* panels,
                       float* y) const {
  guarded([&] { primitive(rows, columns).run(x, panels, y); });
}

std::string PackedMatmul::implementation() const {
  return guarded([&] { return primitive(1, columns_).implementation(); });
}

// Whether oneDNN has its brgemm for whole slices and for the last one; on packed weights its other
// implementations are slow references.
bool PackedMatmul::fast(std::int64_t outputs) const {
  const std::int64_t last = outputs % columns_ == 0 ? columns_ : outputs % columns_;
  const auto is_brgemm = [&](std::int64_t rows, std::int64_t columns) {
    return guarded([&] { return primitive(rows, columns).implementation().starts_with("brg"); });
  };
  try {
    return is_brgemm(1, columns_) && is_brgemm(1, last) && is_brgemm(kRows, columns_);
  } catch (const Error&) {
    return false;  // a oneDNN built without matmul
  }
}

// Whether a row's bits are the same in slices of several heights, tried on made-up numbers.
bool PackedMatmul::steady() const {
  const std::int64_t size = type_ == ComputeType::bf16 ? 2 : 4;
  std::uint32_t state = 1;
  const auto numbers = [&](std::int64_t count) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(count * size));
    for (std::size_t i = 0; i < bytes.size(); i += static_cast<std::size_t>(size)) {
      state = state * 1664525 + 1013904223;
      const float value = static_cast<float>(state >> 8) * 0x1p-23f - 1;
      const std::uint16_t half = bf16_of(value);
      std::memcpy(&bytes[i], size == 2 ? static_cast<const void*>(&half) : &value,
                  static_cast<std::size_t>(size));
    }
    return bytes;
  };
  const auto panels = numbers(panel_inputs(type_, inputs_) * columns_);
  const auto row = numbers(inputs_);
  std::vector<std::byte> x;
  for (std::int64_t i = 0; i < kRows; ++i) x.insert(x.end(), row.begin(), row.end());

  const auto columns = static_cast<std::size_t>(columns_);
  std::vector<float> one(columns);
  run(1, columns_, x.data(), panels.data(), one.data());
  for (std::int64_t rows : {std::int64_t{7}, std::int64_t{16}, kRows}) {
    std::vector<float> y(static_cast<std::size_t>(rows) * columns);
    run(rows, columns_, x.data(), panels.data(), y.data());
    for (std::size_t i = 0; i < y.size(); i += columns) {
      if (std::memcmp(&y[i], one.data(), columns * sizeof(float)) != 0) return false;
    }
  }
  return true;
}

void multiply(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
              const float* a, std::int64_t a_stride, const float* b, float* c) {
  const auto f32 = Memory::data_type::f32;
  const Memory::dims a_strides =
      transpose_a ? Memory::dims{1, a_stride} : Memory::dims{a_stride, 1};
  const Memory::dims b_strides = transpose_b ? Memory::dims{1, k} : Memory::dims{n, 1};
  // A training step comes back to the same few shapes.
  using Shape = std::tuple<bool, bool, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
  constexpr std::size_t kMostShapes = 256;
  static std::mutex mutex;
  static std::map<Shape, std::shared_ptr<const Primitive>> known;
  guarded([&] {
    std::unique_lock lock(mutex);
    const Shape shape{transpose_a, transpose_b, m, n, k, a_stride};
    auto found = known.find(shape);
    if (found == known.end()) {
      if (known.size() == kMostShapes) known.clear();
      found = known
                  .emplace(shape, make_primitive({{m, k}, f32, a_strides}, {{k, n}, f32, b_strides},
                                                 {{m, n}, f32, Memory::dims{n, 1}}))
                  .first;
    }
    const std::shared_ptr<const Primitive> primitive = found->second;
    lock.unlock();
    primitive->run(a, b, c);
  });
}

}  // namespace loquor::onednn
