// Typed access to the metadata of a GGUF file.
#include <bit>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "io/gguf.h"

namespace loquor {
namespace {

template <class T>
T load(const char* source) noexcept {
  static_assert(std::endian::native == std::endian::little, "model files are read in place");
  T value;
  std::memcpy(&value, source, sizeof value);
  return value;
}

// Nothing where the type is no integer, or the value is a u64 beyond int64.
std::optional<std::int64_t> to_integer(GgufType type, const char* source) noexcept {
  switch (type) {
    case GgufType::u8:
      return load<std::uint8_t>(source);
    case GgufType::i8:
      return load<std::int8_t>(source);
    case GgufType::u16:
      return load<std::uint16_t>(source);
    case GgufType::i16:
      return load<std::int16_t>(source);
    case GgufType::u32:
      return load<std::uint32_t>(source);
    case GgufType::i32:
      return load<std::int32_t>(source);
    case GgufType::i64:
      return load<std::int64_t>(source);
    case GgufType::u64: {
      const auto value = load<std::uint64_t>(source);
      if (std::in_range<std::int64_t>(value)) return static_cast<std::int64_t>(value);
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<double> to_number(GgufType type, const char* source) noexcept {
  if (type == GgufType::f32) return load<float>(source);
  if (type == GgufType::f64) return load<double>(source);
  if (const auto integer = to_integer(type, source)) return static_cast<double>(*integer);
  return std::nullopt;
}

std::string describe(const GgufValue& value) {
  if (value.type == GgufType::array) {
    return text("an array of ", value.count, " x ", name(value.element));
  }
  if (value.type == GgufType::string) return "the string " + quoted(value.bytes);
  if (value.type == GgufType::boolean) return value.bytes[0] ? "true" : "false";
  if (const auto integer = to_integer(value.type, value.bytes.data())) {
    return text(name(value.type), " ", *integer);
  }
  if (const auto number = to_number(value.type, value.bytes.data())) {
    return text(name(value.type), " ", *number);
  }
  return text(name(value.type), " ", load<std::uint64_t>(value.bytes.data()));
}

[[noreturn]] void fail_kind(std::string_view key, const GgufValue& found,
                            std::string_view expected) {
  fail(Code::invalid_file, "metadata key ", quoted(key), " is ", describe(found), ", expected ",
       expected);
}

}  // namespace

std::string_view name(GgufType type) noexcept {
  constexpr std::string_view kNames[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                         "bool", "string", "array", "u64", "i64", "f64"};
  const auto index = static_cast<std::size_t>(type);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

void GgufMetadata::add(std::string_view key, GgufValue value) {
  if (key.empty()) fail(Code::invalid_file, "a metadata key is empty");
  if (!index_.try_emplace(key, entries_.size()).second) {
    fail(Code::invalid_file, "metadata key ", quoted(key), " is there twice");
  }
  entries_.push_back({key, std::move(value)});
}

const GgufMetadata::Entry* GgufMetadata::find(std::string_view key) const noexcept {
  const auto position = index_.find(key);
  return position == index_.end() ? nullptr : &entries_[position->second];
}

const GgufValue& GgufMetadata::at(std::string_view key) const {
  const Entry* entry = find(key);
  if (!entry) fail(Code::invalid_file, "there is no metadata key ", quoted(key));
  entry->read = true;
  return entry->value;
}

bool GgufMetadata::is_array(std::string_view key) const noexcept {
  const Entry* entry = find(key);
  return entry && entry->value.type == GgufType::array;
}

std::int64_t GgufMetadata::integer(std::string_view key) const {
  const GgufValue& value = at(key);
  if (const auto integer = to_integer(value.type, value.bytes.data())) return *integer;
  fail_kind(key, value, "an integer");
}

double GgufMetadata::number(std::string_view key) const {
  const GgufValue& value = at(key);
  if (const auto number = to_number(value.type, value.bytes.data())) return *number;
  fail_kind(key, value, "a number");
}

bool GgufMetadata::boolean(std::string_view key) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::boolean) fail_kind(key, value, "a bool");
  return value.bytes[0] != 0;
}

std::string_view GgufMetadata::string(std::string_view key) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::string) fail_kind(key, value, "a string");
  return value.bytes;
}

std::int64_t GgufMetadata::integer(std::string_view key, std::int64_t fallback) const {
  return has(key) ? integer(key) : fallback;
}

double GgufMetadata::number(std::string_view key, double fallback) const {
  return has(key) ? number(key) : fallback;
}

bool GgufMetadata::boolean(std::string_view key, bool fallback) const {
  return has(key) ? boolean(key) : fallback;
}

std::string_view GgufMetadata::string(std::string_view key, std::string_view fallback) const {
  return has(key) ? string(key) : fallback;
}

const GgufValue& GgufMetadata::array(std::string_view key, std::string_view expected) const {
  const GgufValue& value = at(key);
  if (value.type != GgufType::array) fail_kind(key, value, expected);
  return value;
}

std::span<const std::string_view> GgufMetadata::strings(std::string_view key) const {
  constexpr std::string_view kExpected = "an array of strings";
  const GgufValue& value = array(key, kExpected);
  if (value.element != GgufType::string) fail_kind(key, value, kExpected);
  return value.strings;
}

std::vector<std::int64_t> GgufMetadata::integers(std::string_view key) const {
  constexpr std::string_view kExpected = "an array of integers";
  const GgufValue& value = array(key, kExpected);
  std::vector<std::int64_t> out;
  for (std::uint64_t i = 0; i < value.count; ++i) {
    const auto integer =
        to_integer(value.element, value.bytes.data() + value.bytes.size() / value.count * i);
    if (!integer) fail_kind(key, value, kExpected);
    out.push_back(*integer);
  }
  return out;
}

std::vector<float> GgufMetadata::numbers(std::string_view key) const {
  constexpr std::string_view kExpected = "an array of numbers";
  const GgufValue& value = array(key, kExpected);
  std::vector<float> out;
  for (std::uint64_t i = 0; i < value.count; ++i) {
    const auto number =
        to_number(value.element, value.bytes.data() + value.bytes.size() / value.count * i);
    if (!number) fail_kind(key, value, kExpected);
    out.push_back(static_cast<float>(*number));
  }
  return out;
}

std::vector<bool> GgufMetadata::booleans(std::string_view key) const {
  constexpr std::string_view kExpected = "an array of bools";
  const GgufValue& value = array(key, kExpected);
  if (value.element != GgufType::boolean) fail_kind(key, value, kExpected);
  return std::vector<bool>(value.bytes.begin(), value.bytes.end());
}

void GgufMetadata::ignore(std::string_view key) const noexcept {
  if (const Entry* entry = find(key)) entry->read = true;
}

std::vector<std::string_view> GgufMetadata::keys(std::string_view prefix) const {
  std::vector<std::string_view> out;
  for (const Entry& entry : entries_) {
    if (entry.key.starts_with(prefix)) out.push_back(entry.key);
  }
  return out;
}

std::vector<std::string_view> GgufMetadata::unread(std::string_view prefix) const {
  std::vector<std::string_view> out = keys(prefix);
  std::erase_if(out, [&](std::string_view key) { return find(key)->read; });
  return out;
}

}  // namespace loquor
