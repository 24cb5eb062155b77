// Reading GGUF files, single or split: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
//
// A file is little endian (version 2 or 3):
//
//   "GGUF"  u32 version  u64 tensors  u64 metadata entries
//   each metadata entry:  string key   u32 type   value
//   each tensor:          string name  u32 dimensions (0 to 4)  u64 size of each
//                         u32 ggml type  u64 offset
//   padding to a multiple of the alignment
//   data: each tensor at its offset, a multiple of the alignment, counted from here
//
//   string:  u64 bytes, then the bytes
//   array:   u32 element type, u64 elements, then the elements
//   types:   0 u8  1 i8  2 u16  3 i16  4 u32  5 i32  6 f32  7 bool  8 string  9 array
//            10 u64  11 i64  12 f64
//
// The first dimension is the innermost: {3, 2} are two rows of three values. The alignment is the
// u32 entry "general.alignment", else 32; we take powers of two from 8 to 65536.
//
// A split model is files NAME-00001-of-00003.gguf, ... with entries split.no (from 0), split.count
// and split.tensors.count (of all files together). The first holds all other metadata. A count of 0
// or 1 means no split.
//
// Refused: big-endian files, versions other than 2 and 3, arrays of arrays, empty or repeated keys,
// booleans other than 0 and 1, dimensions of 0, rows that are no whole number of blocks, types that
// we cannot convert, tensors that overlap or leave the file. Bytes after the last tensor are
// accepted. Every count and length is compared with what is left of the file before it is used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "io/tensor_file.h"

namespace loquor {

/// The types of metadata values, numbered as in files.
enum class GgufType : std::uint32_t {
  u8,
  i8,
  u16,
  i16,
  u32,
  i32,
  f32,
  boolean,
  string,
  array,
  u64,
  i64,
  f64
};
/// "u32", "string", ...
std::string_view name(GgufType type) noexcept;

/// A metadata value where it lies in the file.
struct GgufValue {
  GgufType type = GgufType::u8;           // array for an array
  GgufType element = GgufType::u8;        // of an array
  std::uint64_t count = 1;                // of an array's elements
  std::string_view bytes;                 // a scalar, a string's text, or an array's numbers
  std::vector<std::string_view> strings;  // of an array of strings
};

/// Metadata by key. The typed calls mark the key as read, so that a loader can refuse what it did
/// not use; they throw Error(invalid_file) with the key, what was found and what was expected; add
/// the file with within(). One thread at a time. Text is not checked to be UTF-8, and lives as long
/// as the GgufFile.
class GgufMetadata {
 public:
  bool has(std::string_view key) const noexcept { return index_.contains(key); }
  bool is_array(std::string_view key) const noexcept;

  std::int64_t integer(std::string_view key) const;  ///< Any integer type that fits.
  double number(std::string_view key) const;         ///< Any integer or floating type.
  bool boolean(std::string_view key) const;
  std::string_view string(std::string_view key) const;
  /// The same, or `fallback` where there is no such key.
  std::int64_t integer(std::string_view key, std::int64_t fallback) const;
  double number(std::string_view key, double fallback) const;
  bool boolean(std::string_view key, bool fallback) const;
  std::string_view string(std::string_view key, std::string_view fallback) const;

  std::span<const std::string_view> strings(std::string_view key) const;
  std::vector<std::int64_t> integers(std::string_view key) const;
  std::vector<float> numbers(std::string_view key) const;
  std::vector<bool> booleans(std::string_view key) const;

  /// Marks the key as read, where it is there.
  void ignore(std::string_view key) const noexcept;
  /// Keys that start with `prefix`, in the order of the file; unread(): those of them that were not
  /// read.
  std::vector<std::string_view> keys(std::string_view prefix = {}) const;
  std::vector<std::string_view> unread(std::string_view prefix) const;

  /// For readers of files. Throws Error(invalid_file) where the key is empty or there already.
  void add(std::string_view key, GgufValue value);

 private:
  struct Entry {
    std::string_view key;
    GgufValue value;
    mutable bool read = false;
  };
  const Entry* find(std::string_view key) const noexcept;
  const GgufValue& at(std::string_view key) const;
  const GgufValue& array(std::string_view key, std::string_view expected) const;

  std::vector<Entry> entries_;
  std::map<std::string_view, std::size_t> index_;
};

struct GgufFile {
  std::uint32_t version = 0;
  GgufMetadata metadata;
  Checkpoint tensors{"gguf"};
  Bytes bytes;  // of the (first) file: the metadata point into it
};

/// Reads a file and, where it is the first of a split model, those beside it. Errors name the file
/// and the key or tensor: Error(not_found), Error(io), Error(invalid_file), and Error(unsupported)
/// for types and versions.
GgufFile read_gguf(const std::filesystem::path& path);
/// Reads from memory; `file` is its name in messages, and further files of a split model come from
/// `open`.
GgufFile read_gguf(const Bytes& bytes, const std::string& file, const OpenFile& open = {});

}  // namespace loquor
