// Reading safetensors files, single or sharded: https://huggingface.co/docs/safetensors
//
// A file is little endian:
//
//   u64          bytes of the header, at most 100,000,000
//   header       one JSON object in UTF-8, which may end in spaces
//   data         the bytes of all tensors
//
// The header has a member for each tensor:
//
//   "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}
//
// begin and end count from the start of the data; values are row-major, the outermost dimension
// first. dtype is one of BOOL U8 I8 U16 I16 U32 I32 U64 I64 F8_E4M3 F8_E5M2 F16 BF16 F32 F64.
// "__metadata__", where present, is an object of strings, which is checked and otherwise ignored.
//
// Accepted, since real files have it: bytes after the last tensor, holes between tensors, tensors
// of any alignment, and a dimension of 0 (with begin equal to end). Refused: names that repeat,
// tensors that overlap or leave the data, dtype and shape that do not take end - begin bytes, any
// member but these three.
//
// A sharded model has an index, model.safetensors.index.json, beside its files:
//
//   {"metadata": {...}, "weight_map": {"tensor name": "model-00001-of-00002.safetensors", ...}}
//
// Every file named there is opened, and holds exactly the tensors that the map gives to it. File
// names have no folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "io/tensor_file.h"

namespace loquor {

/// Reads a .safetensors file or, where the name ends in .json, an index with all its shards (beside
/// it). Errors name the file and tensor: Error(not_found), Error(io), Error(invalid_file), and
/// Error(unsupported) for an unknown dtype.
Checkpoint read_safetensors(const std::filesystem::path& path);
/// Reads one file from memory; `file` is its name in messages.
Checkpoint read_safetensors(const Bytes& bytes, const std::string& file);
/// Reads an index from memory and its shards through `open`.
Checkpoint read_safetensors_index(std::string_view json, const std::string& file,
                                  const OpenFile& open);

}  // namespace loquor
