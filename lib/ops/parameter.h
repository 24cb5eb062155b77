// What a model learns: Vector (a norm's weight, a bias) and Weight (the matrix of a linear layer or
// an embedding).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "base/runtime.h"
#include "kernels/matmul.h"

namespace loquor {

/// An f32 vector. Copies share the memory; empty where the layer has none (no bias).
class Vector {
 public:
  Vector() = default;
  /// Takes over a buffer of at least `size` floats.
  Vector(Buffer buffer, std::int64_t size);
  /// Refers to memory that `owner` keeps alive, such as a part of a trainer's one buffer of
  /// parameters.
  Vector(std::shared_ptr<const void> owner, const float* data, std::int64_t size);
  /// A copy of the values in a buffer of its own, counted in the runtime.
  static Vector copy(const Runtime& runtime, std::span<const float> values, std::string_view what);

  std::int64_t size() const noexcept { return size_; }
  const float* data() const noexcept { return data_; }
  explicit operator bool() const noexcept { return data_ != nullptr; }

 private:
  std::shared_ptr<const void> owner_;
  const float* data_ = nullptr;
  std::int64_t size_ = 0;
};

/// A weight (outputs, inputs): frozen in packed panels, or plain row-major f32 that can be trained.
/// Copies share the memory, so a tied embedding is the same Weight twice. Empty where there is
/// none.
class Weight {
 public:
  /// Row-major f32 (outputs, inputs), kept alive by `owner`.
  struct Plain {
    std::shared_ptr<const void> owner;
    const float* data = nullptr;
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
  };

  Weight() = default;
  explicit Weight(std::shared_ptr<const PackedMatrix> packed);
  explicit Weight(Plain plain);
  /// A plain weight in a buffer of its own. values: (outputs, inputs)
  static Weight copy(const Runtime& runtime, std::span<const float> values, std::int64_t outputs,
                     std::int64_t inputs, std::string_view what);

  std::int64_t outputs() const noexcept;
  std::int64_t inputs() const noexcept;
  std::int64_t bytes() const noexcept;
  explicit operator bool() const noexcept { return !std::holds_alternative<std::monostate>(form_); }
  /// nullptr where the weight has another form.
  const PackedMatrix* packed() const noexcept;
  const Plain* plain() const noexcept;
  /// One output's row as f32. out: (inputs)
  void row(std::int64_t output, float* out) const;

 private:
  std::variant<std::monostate, std::shared_ptr<const PackedMatrix>, Plain> form_;
};

}  // namespace loquor
