// Builds GGUF files in memory, for tests: valid ones, and with raw_...() others.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/binary.h"

namespace loquor::tests {

/// Collects metadata and tensors; bytes() is the file. `alignment` other than 32 is written into
/// the metadata.
class GgufWriter {
 public:
  /// Types as files number them.
  enum Type : std::uint32_t {
    kU8,
    kI8,
    kU16,
    kI16,
    kU32,
    kI32,
    kF32,
    kBool,
    kString,
    kArray,
    kU64,
    kI64,
    kF64
  };

  std::uint32_t version = 3;
  std::uint32_t alignment = 32;
  std::optional<std::uint64_t> tensor_count;  // what the header says instead of the truth
  std::optional<std::uint64_t> entry_count;
  std::string trailing;  // after the last tensor

  static std::string string(std::string_view text) {
    std::string out;
    append_binary(out, static_cast<std::uint64_t>(text.size()));
    return out.append(text);
  }

  /// A number or bool, stored as its own C++ type.
  template <class T>
  requires std::integral<T> || std::floating_point<T> GgufWriter& add(std::string_view key,
                                                                      T value) {
    return raw_entry(key, type_of<T>(), binary(std::vector<Stored<T>>{value}));
  }
  GgufWriter& add(std::string_view key, std::string_view text) {
    return raw_entry(key, kString, string(text));
  }
  GgufWriter& add(std::string_view key, const char* text) {
    return add(key, std::string_view(text));
  }
  GgufWriter& add(std::string_view key, const std::string& text) {
    return add(key, std::string_view(text));
  }

  template <class T>
  requires std::integral<T> || std::floating_point<T> GgufWriter& add(
      std::string_view key, const std::vector<T>& values) {
    std::string elements;
    for (const Stored<T> value : values) append_binary(elements, value);
    return raw_array(key, type_of<T>(), values.size(), elements);
  }
  GgufWriter& add(std::string_view key, const std::vector<std::string>& texts) {
    std::string elements;
    for (const std::string& text : texts) elements += string(text);
    return raw_array(key, kString, texts.size(), elements);
  }

  /// `shape` is row-major, the outermost dimension first; `type` is ggml's number, 0 for F32.
  GgufWriter& tensor(std::string_view name, std::vector<std::int64_t> shape, std::uint32_t type,
                     std::string_view bytes) {
    const std::vector<std::uint64_t> dimensions(shape.rbegin(), shape.rend());
    raw_tensor(name, dimensions, type, data_.size());
    data_.append(bytes).resize((data_.size() + alignment - 1) / alignment * alignment);
    return *this;
  }
  GgufWriter& tensor(std::string_view name, std::vector<std::int64_t> shape,
                     const std::vector<float>& values) {
    return tensor(name, std::move(shape), 0, binary(values));
  }

  GgufWriter& raw_entry(std::string_view key, std::uint32_t type, std::string_view payload) {
    entries_ += string(key);
    append_binary(entries_, type);
    entries_ += payload;
    ++entries_written_;
    return *this;
  }
  GgufWriter& raw_array(std::string_view key, std::uint32_t element, std::uint64_t count,
                        std::string_view elements) {
    std::string payload;
    append_binary(payload, element);
    append_binary(payload, count);
    return raw_entry(key, kArray, payload.append(elements));
  }
  /// The description of a tensor without data of its own; dimensions as in the file, the innermost
  /// first.
  GgufWriter& raw_tensor(std::string_view name, const std::vector<std::uint64_t>& dimensions,
                         std::uint32_t type, std::uint64_t offset) {
    infos_ += string(name);
    append_binary(infos_, static_cast<std::uint32_t>(dimensions.size()));
    infos_ += binary(dimensions);
    append_binary(infos_, type);
    append_binary(infos_, offset);
    ++tensors_written_;
    return *this;
  }

  std::string bytes() const {
    if (alignment != 32) {
      GgufWriter aligned = *this;
      aligned.alignment = 32;
      return aligned.add("general.alignment", alignment).file(alignment);
    }
    return file(32);
  }

 private:
  template <class T>
  using Stored = std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>;

  template <class T>
  static constexpr Type type_of() {
    if constexpr (std::same_as<T, bool>) return kBool;
    if constexpr (std::same_as<T, float>) return kF32;
    if constexpr (std::same_as<T, double>) return kF64;
    constexpr Type kUnsigned[] = {kU8, kU16, kU32, kU64};
    constexpr Type kSigned[] = {kI8, kI16, kI32, kI64};
    constexpr int kSize = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
    return std::unsigned_integral<T> ? kUnsigned[kSize] : kSigned[kSize];
  }

  std::string file(std::uint32_t data_alignment) const {
    std::string out = "GGUF";
    append_binary(out, version);
    append_binary(out, tensor_count.value_or(tensors_written_));
    append_binary(out, entry_count.value_or(entries_written_));
    out += entries_ + infos_;
    out.resize((out.size() + data_alignment - 1) / data_alignment * data_alignment);
    return out.append(data_).append(trailing);
  }

  std::string entries_, infos_, data_;
  std::uint64_t entries_written_ = 0;
  std::uint64_t tensors_written_ = 0;
};

}  // namespace loquor::tests
