// GGUF models of one or several files: the first file, and the parts beside it.
#include "base/error.h"
#include "io/gguf.h"
#include "io/gguf_part.h"

namespace loquor {
namespace {

// The place of a file among the parts of a split model.
struct Split {
  std::int64_t number;
  std::int64_t count;
  std::int64_t tensors;  // of all parts
};

Split read_split(const GgufMetadata& metadata) {
  const Split split{metadata.integer("split.no", 0), metadata.integer("split.count", 0),
                    metadata.integer("split.tensors.count", 0)};
  if (split.count < 0 || split.count > 65535) {
    fail(Code::invalid_file, "split.count is ", split.count, ", expected 0 to 65535");
  }
  return split;
}

// "-00002-of-00003.gguf" for the part of that number, which counts from 0.
std::string part_ending(std::int64_t number, std::int64_t count) {
  const auto five_digits = [](std::int64_t value) {
    return std::to_string(100'000 + value).substr(1);
  };
  return "-" + five_digits(number + 1) + "-of-" + five_digits(count) + ".gguf";
}

void add_part(GgufFile& first, const Split& split, std::int64_t number, const Bytes& bytes,
              const std::string& file) {
  GgufFile part = read_gguf_part(bytes, file);
  const Split own = read_split(part.metadata);
  if (own.number != number || own.count != split.count || own.tensors != split.tensors) {
    fail(Code::invalid_file, quoted(file, kMaximumPath), " says that it is part ", own.number,
         " of ", own.count, " with ", own.tensors, " tensors in all, expected part ", number,
         " of ", split.count, " with ", split.tensors);
  }
  for (const std::string_view key : part.metadata.keys()) {
    if (!key.starts_with("split.") && !key.starts_with("general.")) {
      fail(Code::invalid_file, quoted(file, kMaximumPath), " has the metadata key ", quoted(key),
           ", expected it in the first part");
    }
  }
  for (const StoredTensor& tensor : part.tensors) first.tensors.add(tensor);
}

void add_parts(GgufFile& first, const Split& split, const std::string& file, const OpenFile& open) {
  const std::string name = file.substr(file.find_last_of("/\\") + 1);
  const std::string ending = part_ending(0, split.count);
  if (split.number != 0) {
    fail(Code::invalid_file, "is part ", split.number + 1, " of ", split.count,
         " of a split model, expected the first, whose name ends in ", ending);
  }
  if (!name.ends_with(ending)) {
    fail(Code::invalid_file, "is the first of ", split.count,
         " parts, expected a name that ends in ", ending);
  }
  if (!open) {
    fail(Code::invalid_argument, "is the first of ", split.count,
         " parts, but no way to open the others is given");
  }
  const std::string stem = name.substr(0, name.size() - ending.size());
  for (std::int64_t number = 1; number < split.count; ++number) {
    const std::string part = stem + part_ending(number, split.count);
    add_part(first, split, number, open(part), part);
  }
  if (!std::cmp_equal(first.tensors.size(), split.tensors)) {
    fail(Code::invalid_file, "says that the ", split.count, " parts hold ", split.tensors,
         " tensors, but they hold ", first.tensors.size());
  }
}

}  // namespace

GgufFile read_gguf(const Bytes& bytes, const std::string& file, const OpenFile& open) {
  GgufFile out = read_gguf_part(bytes, file);
  within(quoted(file, kMaximumPath), [&] {
    const Split split = read_split(out.metadata);
    if (split.count > 1) add_parts(out, split, file, open);
  });
  return out;
}

GgufFile read_gguf(const std::filesystem::path& path) {
  return read_gguf(Bytes::map(path), path.string(), open_beside(path));
}

}  // namespace loquor
