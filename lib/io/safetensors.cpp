// The safetensors reader: the header of a file, and the index of a sharded model.
#include "io/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace loquor {
namespace {

constexpr std::size_t kMaximumHeader = 100'000'000;
constexpr std::size_t kMaximumName = 1024;

StoredType parse_dtype(std::string_view dtype) {
  using enum StoredType;
  for (const StoredType type :
       {boolean, u8, i8, u16, i16, u32, i32, u64, i64, f8_e4m3, f8_e5m2, f16, bf16, f32, f64}) {
    if (dtype == name(type)) return type;
  }
  fail(Code::unsupported, "has dtype ", quoted(dtype), ", which is not known");
}

std::vector<std::int64_t> parse_integers(JsonReader& reader, std::size_t limit,
                                         std::string_view what) {
  std::vector<std::int64_t> values;
  reader.begin_array();
  while (reader.next_element()) {
    if (values.size() == limit) {
      fail(Code::invalid_file, "has more than ", limit, " numbers in ", what);
    }
    values.push_back(reader.integer());
  }
  return values;
}

// {"dtype": ..., "shape": ..., "data_offsets": [begin, end]}, whose offsets count from the start of
// `data`.
StoredTensor parse_tensor(JsonReader& reader, const Bytes& data) {
  std::optional<StoredType> type;
  std::optional<std::vector<std::int64_t>> shape, offsets;
  reader.begin_object();
  for (std::string_view key; reader.next_key(key);) {
    if (key == "dtype" && !type) {
      type = parse_dtype(reader.string());
    } else if (key == "shape" && !shape) {
      shape = parse_integers(reader, kMaximumRank, "shape");
    } else if (key == "data_offsets" && !offsets) {
      offsets = parse_integers(reader, 2, "data_offsets");
    } else {
      fail(Code::invalid_file, "has a member ", quoted(key),
           ", expected dtype, shape and data_offsets, each once");
    }
  }
  if (!type || !shape || !offsets || offsets->size() != 2) {
    fail(Code::invalid_file, "needs a dtype, a shape and two data_offsets");
  }
  const std::int64_t begin = offsets->front();
  const std::int64_t end = offsets->back();
  if (begin < 0 || end < begin || std::cmp_greater(end, data.size())) {
    fail(Code::invalid_file, "has data_offsets [", begin, ", ", end, "], expected a part of the ",
         data.size(), " bytes of data");
  }
  const std::int64_t bytes = stored_bytes(*type, *shape);
  if (bytes != end - begin) {
    fail(Code::invalid_file, "takes ", bytes, " bytes as ", name(*type), " ", shape_text(*shape),
         ", but data_offsets [", begin, ", ", end, "] hold ", end - begin);
  }
  StoredTensor tensor;
  tensor.type = *type;
  tensor.shape = std::move(*shape);
  tensor.bytes = data.slice(static_cast<std::uint64_t>(begin), static_cast<std::uint64_t>(bytes));
  return tensor;
}

void parse_metadata(JsonReader& reader) {
  reader.begin_object();
  for (std::string_view key; reader.next_key(key);) reader.string();
}

std::vector<StoredTensor> parse_file(const Bytes& bytes, const std::string& file) {
  std::uint64_t header = 0;
  if (bytes.size() < sizeof header) {
    fail(Code::invalid_file, "has ", bytes.size(), " bytes, expected a safetensors file");
  }
  static_assert(std::endian::native == std::endian::little, "model files are read in place");
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::size_t rest = bytes.size() - sizeof header;
  if (header > std::min(rest, kMaximumHeader)) {
    fail(Code::invalid_file, "says that its header has ", header, " bytes, expected at most ",
         std::min(rest, kMaximumHeader), "; it is truncated or no safetensors file");
  }
  const Bytes data = bytes.slice(sizeof header + header, rest - header);
  std::vector<StoredTensor> tensors;
  bool metadata = false;
  JsonReader reader(bytes.view().substr(sizeof header, static_cast<std::size_t>(header)));
  reader.begin_object();
  for (std::string_view key; reader.next_key(key);) {
    if (key == "__metadata__") {
      if (std::exchange(metadata, true)) fail(Code::invalid_file, "__metadata__ is there twice");
      within("__metadata__", [&] { parse_metadata(reader); });
      continue;
    }
    if (key.empty() || key.size() > kMaximumName) {
      fail(Code::invalid_file, "a tensor's name has ", key.size(), " bytes, expected 1 to ",
           kMaximumName);
    }
    std::string name(key);  // the view ends with the next read
    StoredTensor tensor =
        within("tensor " + quoted(name), [&] { return parse_tensor(reader, data); });
    tensor.name = std::move(name);
    tensor.file = file;
    tensors.push_back(std::move(tensor));
  }
  reader.end();
  require_disjoint(tensors, data);
  return tensors;
}

void add_file(Checkpoint& checkpoint, const Bytes& bytes, const std::string& file) {
  within(quoted(file, kMaximumName), [&] {
    for (StoredTensor& tensor : parse_file(bytes, file)) checkpoint.add(std::move(tensor));
  });
}

// Tensor names of each shard.
using Shards = std::map<std::string, std::vector<std::string>, std::less<>>;

void require_shard_name(std::string_view shard, std::string_view tensor) {
  // A path would let a model read any file of its user.
  const bool plain = std::ranges::none_of(
      shard, [](unsigned char c) { return c < 0x20 || c == '/' || c == '\\' || c == ':'; });
  if (!plain || !shard.ends_with(".safetensors") || shard.starts_with('.')) {
    fail(Code::invalid_file, "weight_map puts tensor ", quoted(tensor), " into ", quoted(shard),
         ", expected a .safetensors file of the same folder");
  }
}

Shards parse_index(std::string_view json) {
  Shards shards;
  bool weight_map = false;
  JsonReader reader(json);
  reader.begin_object();
  for (std::string_view key; reader.next_key(key);) {
    if (key != "weight_map") {
      reader.skip();
      continue;
    }
    if (std::exchange(weight_map, true)) fail(Code::invalid_file, "weight_map is there twice");
    reader.begin_object();
    for (std::string_view name; reader.next_key(name);) {
      std::string tensor(name);
      const std::string_view shard = reader.string();
      require_shard_name(shard, tensor);
      const auto found = shards.find(shard);
      auto& names = found != shards.end() ? found->second : shards[std::string(shard)];
      names.push_back(std::move(tensor));
    }
  }
  reader.end();
  if (shards.empty()) {
    fail(Code::invalid_file, "has no weight_map, expected one that names a file for each tensor");
  }
  return shards;
}

// Both lists hold the same names; `file` is the shard.
void require_agreement(std::vector<std::string> mapped, std::span<const StoredTensor> stored,
                       const std::string& file) {
  std::vector<std::string> held;
  for (const StoredTensor& tensor : stored) held.push_back(tensor.name);
  std::ranges::sort(mapped);
  std::ranges::sort(held);
  const auto [in_map, in_file] = std::ranges::mismatch(mapped, held);
  if (in_map == mapped.end() && in_file == held.end()) return;
  if (in_file == held.end() || (in_map != mapped.end() && *in_map < *in_file)) {
    fail(Code::invalid_file, "weight_map puts tensor ", quoted(*in_map), " into ", quoted(file),
         ", which does not hold it (or is named for it twice)");
  }
  fail(Code::invalid_file, quoted(file), " holds tensor ", quoted(*in_file),
       ", which weight_map does not put there");
}

}  // namespace

Checkpoint read_safetensors(const Bytes& bytes, const std::string& file) {
  Checkpoint checkpoint("safetensors");
  add_file(checkpoint, bytes, file);
  return checkpoint;
}

Checkpoint read_safetensors_index(std::string_view json, const std::string& file,
                                  const OpenFile& open) {
  const std::string where = quoted(file, kMaximumName);
  Checkpoint checkpoint("safetensors");
  for (const auto& [shard, names] : within(where, [&] { return parse_index(json); })) {
    const std::size_t before = checkpoint.size();
    within(where, [&, &shard = shard] { add_file(checkpoint, open(shard), shard); });
    within(where, [&, &shard = shard, &names = names] {
      require_agreement(names, std::span(checkpoint).subspan(before), shard);
    });
  }
  return checkpoint;
}

Checkpoint read_safetensors(const std::filesystem::path& path) {
  if (path.extension() == ".json") {
    return read_safetensors_index(read_text(path), path.string(), open_beside(path));
  }
  return read_safetensors(Bytes::map(path), path.string());
}

}  // namespace loquor
