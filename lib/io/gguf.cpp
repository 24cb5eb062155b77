// The GGUF reader: one file. The format is in gguf.h.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "io/gguf_part.h"

namespace loquor {
namespace {

constexpr std::uint64_t kMaximumEntries = 1 << 16;
constexpr std::uint64_t kMaximumTensors = 1 << 20;
constexpr std::uint64_t kMaximumKey = 65535;  // as the specification has it
constexpr std::uint32_t kMaximumDimensions = 4;

// Reads from the front of a file's bytes; every length is compared with what is left.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const noexcept { return position_; }
  std::size_t left() const noexcept { return bytes_.size() - position_; }

  std::string_view take(std::uint64_t count, std::string_view what) {
    if (count > left()) {
      fail(Code::invalid_file, what, " takes ", count, " bytes at byte ", position_,
           ", but the file has ", left(), " more; it is truncated or damaged");
    }
    const auto part = bytes_.substr(position_, static_cast<std::size_t>(count));
    position_ += part.size();
    return part;
  }

  template <class T>
  T number(std::string_view what) {
    static_assert(std::endian::native == std::endian::little, "model files are read in place");
    T value;
    std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
    return value;
  }

  std::string_view string(std::string_view what) { return take(number<std::uint64_t>(what), what); }

  // A count of things that take at least `bytes` each.
  std::uint64_t count(std::uint64_t bytes, std::string_view what) {
    const auto value = number<std::uint64_t>(what);
    if (value > left() / bytes) {
      fail(Code::invalid_file, what, " is ", value, ", more than the ", left(),
           " bytes left of the file can hold");
    }
    return value;
  }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
};

std::uint64_t width(GgufType type) noexcept {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::boolean:
      return 1;
    case GgufType::u16:
    case GgufType::i16:
      return 2;
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::f32:
      return 4;
    default:
      return 8;  // of a string: its length
  }
}

GgufType read_type(Cursor& cursor) {
  const auto type = cursor.number<std::uint32_t>("the value's type");
  if (type > static_cast<std::uint32_t>(GgufType::f64)) {
    fail(Code::invalid_file, "has a value of type ", type, ", expected 0 to 12");
  }
  return static_cast<GgufType>(type);
}

void require_booleans(std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte != 0 && byte != 1) {
      fail(Code::invalid_file, "holds the bool ", int{byte}, ", expected 0 or 1");
    }
  }
}

GgufValue read_value(Cursor& cursor) {
  GgufValue value;
  value.type = read_type(cursor);
  if (value.type == GgufType::string) {
    value.bytes = cursor.string("the string");
    return value;
  }
  if (value.type != GgufType::array) {
    value.bytes = cursor.take(width(value.type), "the value");
    if (value.type == GgufType::boolean) require_booleans(value.bytes);
    return value;
  }
  value.element = read_type(cursor);
  if (value.element == GgufType::array) {
    fail(Code::unsupported, "is an array of arrays, which no model needs");
  }
  value.count = cursor.count(width(value.element), "the array's length");
  if (value.element == GgufType::string) {
    value.strings.reserve(static_cast<std::size_t>(value.count));
    for (std::uint64_t i = 0; i < value.count; ++i) {
      value.strings.push_back(cursor.string("a string of the array"));
    }
    return value;
  }
  value.bytes = cursor.take(value.count * width(value.element), "the array");
  if (value.element == GgufType::boolean) require_booleans(value.bytes);
  return value;
}

void read_metadata(Cursor& cursor, std::uint64_t entries, GgufMetadata& metadata) {
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::string_view key = cursor.string("a metadata key");
    if (key.empty() || key.size() > kMaximumKey) {
      fail(Code::invalid_file, "metadata key ", i, " has ", key.size(), " bytes, expected 1 to ",
           kMaximumKey);
    }
    GgufValue value = within("metadata key " + quoted(key), [&] { return read_value(cursor); });
    metadata.add(key, std::move(value));
  }
}

std::uint64_t read_alignment(const GgufMetadata& metadata) {
  const std::int64_t alignment = metadata.integer("general.alignment", 32);
  if (alignment < 8 || alignment > 65536 ||
      !std::has_single_bit(static_cast<std::uint64_t>(alignment))) {
    fail(Code::invalid_file, "general.alignment is ", alignment,
         ", expected a power of two from 8 to 65536");
  }
  return static_cast<std::uint64_t>(alignment);
}

struct TensorType {
  std::uint32_t number;
  StoredType type;
};

// ggml's numbers (ggml.h, ggml_type).
constexpr TensorType kTensorTypes[] = {
    {0, StoredType::f32},     {1, StoredType::f16},   {2, StoredType::q4_0},
    {3, StoredType::q4_1},    {6, StoredType::q5_0},  {7, StoredType::q5_1},
    {8, StoredType::q8_0},    {10, StoredType::q2_k}, {11, StoredType::q3_k},
    {12, StoredType::q4_k},   {13, StoredType::q5_k}, {14, StoredType::q6_k},
    {20, StoredType::iq4_nl}, {24, StoredType::i8},   {25, StoredType::i16},
    {26, StoredType::i32},    {27, StoredType::i64},  {28, StoredType::f64},
    {30, StoredType::bf16}};

struct OtherType {
  std::uint32_t number;
  std::string_view name;
};

// Types that exist, but that we cannot convert.
constexpr OtherType kOtherTypes[] = {
    {9, "Q8_1"},   {15, "Q8_K"},  {16, "IQ2_XXS"}, {17, "IQ2_XS"}, {18, "IQ3_XXS"},
    {19, "IQ1_S"}, {21, "IQ3_S"}, {22, "IQ2_S"},   {23, "IQ4_XS"}, {29, "IQ1_M"},
    {34, "TQ1_0"}, {35, "TQ2_0"}, {39, "MXFP4"},   {40, "NVFP4"}};

StoredType read_tensor_type(Cursor& cursor) {
  const auto number = cursor.number<std::uint32_t>("the type");
  const auto known = std::ranges::find(kTensorTypes, number, &TensorType::number);
  if (known != std::end(kTensorTypes)) return known->type;
  const auto other = std::ranges::find(kOtherTypes, number, &OtherType::number);
  fail(Code::unsupported, "has ggml type ", number, " (",
       other == std::end(kOtherTypes) ? "unknown" : other->name, "), which is not supported");
}

// A tensor's description, and where its data lie.
struct TensorInfo {
  StoredTensor tensor;
  std::uint64_t offset = 0;
  std::int64_t bytes = 0;
};

void read_shape_and_type(Cursor& cursor, TensorInfo& info) {
  const auto dimensions = cursor.number<std::uint32_t>("the number of dimensions");
  if (dimensions > kMaximumDimensions) {
    fail(Code::invalid_file, "has ", dimensions, " dimensions, expected at most ",
         kMaximumDimensions);
  }
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    const auto size = cursor.number<std::uint64_t>("a dimension");
    if (size == 0 || !std::in_range<std::int64_t>(size)) {
      fail(Code::invalid_file, "has dimension ", size, ", expected 1 to 2^63 - 1");
    }
    info.tensor.shape.push_back(static_cast<std::int64_t>(size));
  }
  std::ranges::reverse(info.tensor.shape);
  info.tensor.type = read_tensor_type(cursor);
  info.bytes = stored_bytes(info.tensor.type, info.tensor.shape);
}

TensorInfo read_tensor(Cursor& cursor, std::uint64_t alignment) {
  TensorInfo info;
  const std::string_view name = cursor.string("a tensor's name");
  if (name.empty() || name.size() > kMaximumKey) {
    fail(Code::invalid_file, "a tensor's name has ", name.size(), " bytes, expected 1 to ",
         kMaximumKey);
  }
  info.tensor.name = name;
  within("tensor " + quoted(name), [&] {
    read_shape_and_type(cursor, info);
    info.offset = cursor.number<std::uint64_t>("the offset");
    if (info.offset % alignment != 0) {
      fail(Code::invalid_file, "has offset ", info.offset,
           ", expected a multiple of the alignment ", alignment);
    }
  });
  return info;
}

std::vector<StoredTensor> place_tensors(std::vector<TensorInfo> infos, const Bytes& data,
                                        const std::string& file) {
  std::vector<StoredTensor> tensors;
  for (TensorInfo& info : infos) {
    StoredTensor& tensor = info.tensor;
    const auto bytes = static_cast<std::uint64_t>(info.bytes);
    if (info.offset > data.size() || bytes > data.size() - info.offset) {
      fail(Code::invalid_file, "tensor ", quoted(tensor.name), " takes ", bytes,
           " bytes from offset ", info.offset, ", but the file has ", data.size(),
           " bytes of data; it is truncated or damaged");
    }
    tensor.bytes = data.slice(info.offset, bytes);
    tensor.file = file;
    tensors.push_back(std::move(tensor));
  }
  require_disjoint(tensors, data);
  return tensors;
}

std::uint32_t read_version(Cursor& cursor) {
  if (cursor.take(4, "the magic") != "GGUF") {
    fail(Code::invalid_file, "does not begin with GGUF: it is no GGUF file");
  }
  const auto version = cursor.number<std::uint32_t>("the version");
  if (version != 0 && version % 65536 == 0) {
    fail(Code::unsupported, "is a big-endian GGUF file, expected little endian");
  }
  if (version != 2 && version != 3) {
    fail(Code::unsupported, "has GGUF version ", version, ", expected 2 or 3");
  }
  return version;
}

void require_at_most(std::uint64_t count, std::uint64_t limit, std::string_view what) {
  if (count > limit) {
    fail(Code::invalid_file, "has ", count, " ", what, ", expected at most ", limit);
  }
}

}  // namespace

GgufFile read_gguf_part(const Bytes& bytes, const std::string& file) {
  GgufFile out;
  out.bytes = bytes;
  within(quoted(file, kMaximumPath), [&] {
    Cursor cursor(bytes.view());
    out.version = read_version(cursor);
    // The least that a tensor takes: name, dimensions, type, offset. An entry: key, type, value.
    const std::uint64_t tensors = cursor.count(8 + 1 + 4 + 4 + 8, "the number of tensors");
    const std::uint64_t entries = cursor.count(8 + 1 + 4 + 1, "the number of metadata entries");
    require_at_most(tensors, kMaximumTensors, "tensors");
    require_at_most(entries, kMaximumEntries, "metadata entries");
    read_metadata(cursor, entries, out.metadata);
    const std::uint64_t alignment = read_alignment(out.metadata);
    std::vector<TensorInfo> infos;
    for (std::uint64_t i = 0; i < tensors; ++i) infos.push_back(read_tensor(cursor, alignment));
    if (infos.empty()) return;  // a vocabulary without tensors may end without padding
    cursor.take((alignment - cursor.position() % alignment) % alignment,
                "the padding before the data");
    const Bytes data = bytes.slice(cursor.position(), cursor.left());
    for (StoredTensor& tensor : place_tensors(std::move(infos), data, file)) {
      out.tensors.add(std::move(tensor));
    }
  });
  return out;
}

}  // namespace loquor
