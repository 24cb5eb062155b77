#include "ops/parameter.h"

#include <algorithm>
#include <utility>

namespace loquor {

namespace {

// The values in a buffer of their own, and who keeps it.
std::shared_ptr<Buffer> copied(const Runtime& runtime, std::span<const float> values,
                               std::string_view what) {
  auto buffer = std::make_shared<Buffer>(
      runtime, static_cast<std::int64_t>(values.size() * sizeof(float)), what);
  std::copy(values.begin(), values.end(), buffer->as<float>());
  return buffer;
}

}  // namespace

Vector::Vector(Buffer buffer, std::int64_t size) : size_(size) {
  auto owner = std::make_shared<Buffer>(std::move(buffer));
  data_ = owner->as<float>();
  owner_ = std::move(owner);
}

Vector::Vector(std::shared_ptr<const void> owner, const float* data, std::int64_t size)
    : owner_(std::move(owner)), data_(data), size_(size) {}

Vector Vector::copy(const Runtime& runtime, std::span<const float> values, std::string_view what) {
  const auto owner = copied(runtime, values, what);
  return Vector(owner, owner->as<float>(), static_cast<std::int64_t>(values.size()));
}

Weight::Weight(std::shared_ptr<const PackedMatrix> packed) : form_(std::move(packed)) {}

Weight::Weight(Plain plain) : form_(std::move(plain)) {}

Weight Weight::copy(const Runtime& runtime, std::span<const float> values, std::int64_t outputs,
                    std::int64_t inputs, std::string_view what) {
  const auto size = static_cast<std::int64_t>(values.size());
  if (outputs < 0 || inputs < 0 || (inputs > 0 ? size / inputs != outputs : size != 0) ||
      (inputs > 0 && size % inputs != 0)) {
    fail(Code::internal, what, ": ", size, " values for a weight (", outputs, ", ", inputs, ")");
  }
  const auto owner = copied(runtime, values, what);
  return Weight(Plain{owner, owner->as<float>(), outputs, inputs});
}

std::int64_t Weight::outputs() const noexcept {
  if (const auto* matrix = packed()) return matrix->outputs();
  return plain() ? plain()->outputs : 0;
}

std::int64_t Weight::inputs() const noexcept {
  if (const auto* matrix = packed()) return matrix->inputs();
  return plain() ? plain()->inputs : 0;
}

std::int64_t Weight::bytes() const noexcept {
  if (const auto* matrix = packed()) return matrix->bytes();
  return outputs() * inputs() * static_cast<std::int64_t>(sizeof(float));
}

const PackedMatrix* Weight::packed() const noexcept {
  const auto* form = std::get_if<std::shared_ptr<const PackedMatrix>>(&form_);
  return form ? form->get() : nullptr;
}

const Weight::Plain* Weight::plain() const noexcept { return std::get_if<Plain>(&form_); }

void Weight::row(std::int64_t output, float* out) const {
  if (const auto* matrix = packed()) return matrix->row(output, out);
  if (const auto* rows = plain()) {
    std::copy_n(rows->data + output * rows->inputs, rows->inputs, out);
  }
}

}  // namespace loquor
