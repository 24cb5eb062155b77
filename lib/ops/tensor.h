// Tensor: f32 rows from a workspace. Context: what every op is given.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/runtime.h"

namespace loquor {

/// A matrix (rows, columns) of f32, row-major and contiguous. Copies share the memory; the last one
/// gives it back to its Workspace, which hands it out again.
class Tensor {
 public:
  Tensor() = default;
  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t columns() const noexcept { return columns_; }
  std::int64_t size() const noexcept { return rows_ * columns_; }
  explicit operator bool() const noexcept { return data_ != nullptr; }
  /// Nobody else holds this memory, so that an op which took the tensor by value may write its
  /// result into it.
  bool unique() const noexcept { return owner_.use_count() == 1; }
  float* data() noexcept { return data_; }
  const float* data() const noexcept { return data_; }
  float* row(std::int64_t index) noexcept { return data_ + index * columns_; }
  const float* row(std::int64_t index) const noexcept { return data_ + index * columns_; }

 private:
  friend class Workspace;
  std::shared_ptr<void> owner_;
  float* data_ = nullptr;
  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
};

/// A pool of 64-byte aligned buffers for activations and scratch. Buffers return when their last
/// Tensor goes, so that memory is flat once every shape has been seen. Not for several threads at
/// once; outlives its Tensors safely.
class Workspace {
 public:
  explicit Workspace(const Runtime& runtime);
  /// Uninitialised. Throws Error(out_of_memory).
  Tensor take(std::int64_t rows, std::int64_t columns);
  /// Bytes held, in use or waiting.
  std::int64_t bytes() const noexcept;
  /// Frees what is waiting.
  void trim() noexcept;

 private:
  struct Pool;
  std::shared_ptr<Pool> pool_;
};

/// Sees named intermediate results of a forward pass: "hidden", "attention", ..., each with the
/// number of its layer.
class Taps {
 public:
  virtual ~Taps() = default;
  /// Whether what the pass has no use for itself is computed to be seen: "attention" and
  /// "cross_attention", probabilities.
  virtual bool wants(std::string_view /*name*/) const { return false; }
  virtual void see(std::string_view name, std::int64_t index, const Tensor& value) = 0;
};

/// What every op is given: threads, memory, and who wants to look or to stop. Training will add its
/// tape here.
struct Context {
  Runtime runtime;
  Workspace workspace;
  Taps* taps = nullptr;
  std::vector<Cancel> cancels;  ///< Any of them ends the pass.

  explicit Context(const Runtime& from) : runtime(from), workspace(from) {}
  ThreadPool& pool() const { return runtime.state().pool(); }
  Tensor take(std::int64_t rows, std::int64_t columns) { return workspace.take(rows, columns); }
  /// Throws Error(cancelled) once a flag is set.
  void check_cancelled() const {
    for (const Cancel& cancel : cancels) check(cancel, "the forward pass");
  }
};

}  // namespace loquor
