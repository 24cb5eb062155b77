// Finds a model: a folder, a .gguf or .safetensors file, or "org/name" in the local Hugging Face
// cache.
#pragma once

#include <filesystem>
#include <string>

namespace loquor {

struct Location {
  std::filesystem::path path;  // the folder with config.json, or the .gguf file
  bool gguf = false;
};

/// Throws Error(not_found) naming what was looked for and, for "org/name", the folders that were
/// searched. Opens no socket.
Location locate(const std::string& path);

/// The weights in a model's folder: model.safetensors or its index. Where there are only pickled
/// .bin files, the error tells how to convert them.
std::filesystem::path weights_in(const std::filesystem::path& folder);

}  // namespace loquor
