#include "nn/locate.h"

#include <cstdlib>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace loquor {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// Where huggingface_hub keeps models, in its own order; the first that is set counts.
fs::path hub_cache() {
  if (const char* set = std::getenv("HF_HUB_CACHE"); set && *set) return set;
  if (const char* set = std::getenv("HF_HOME"); set && *set) return fs::path(set) / "hub";
  if (const char* set = std::getenv("XDG_CACHE_HOME"); set && *set)
    return fs::path(set) / "huggingface" / "hub";
  const char* home = std::getenv("HOME");
  return fs::path(home ? home : "/") / ".cache" / "huggingface" / "hub";
}

bool is_hub_name(const std::string& name) {
  const auto slash = name.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < name.size() &&
         name.find('/', slash + 1) == std::string::npos && name[0] != '.' &&
         name.find("..") == std::string::npos;
}

// models--org--name/snapshots/REVISION, where refs/main holds the revision; else the only snapshot.
fs::path snapshot(const fs::path& repository) {
  const fs::path snapshots = repository / "snapshots";
  if (const fs::path ref = repository / "refs" / "main"; is_there(ref)) {
    std::string revision = read_text(ref, 256);
    while (!revision.empty() && std::isspace(static_cast<unsigned char>(revision.back())))
      revision.pop_back();
    if (is_folder(snapshots / revision)) return snapshots / revision;
  }
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(snapshots, error)) found.push_back(entry.path());
  return found.size() == 1 ? found.front() : fs::path();
}

}  // namespace

Location locate(const std::string& path) {
  const fs::path given(path);
  if (is_folder(given)) {
    if (!is_there(given / "config.json")) {
      fail(Code::not_found, "no config.json in ", quoted(path),
           ": expected a Hugging Face model folder, or the path of a .gguf file");
    }
    return {given, false};
  }
  if (is_there(given)) {
    if (given.extension() == ".safetensors")
      return locate(given.has_parent_path() ? given.parent_path().string() : ".");
    return {given, true};
  }
  if (!is_hub_name(path)) fail(Code::not_found, "no file or folder ", quoted(path));
  std::string name = path;
  name.replace(name.find('/'), 1, "--");
  const fs::path repository = hub_cache() / ("models--" + name);
  const fs::path folder = snapshot(repository);
  if (folder.empty() || !is_there(folder / "config.json")) {
    fail(Code::not_found, "no file or folder ", quoted(path),
         ", nor such a model in the local Hugging Face cache: looked in ",
         quoted((repository / "snapshots").string()));
  }
  return {folder, false};
}

fs::path weights_in(const fs::path& folder) {
  for (const char* name : {"model.safetensors", "model.safetensors.index.json"}) {
    if (is_there(folder / name)) return folder / name;
  }
  for (const char* name : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (!is_there(folder / name)) continue;
    fail(Code::unsupported, quoted(folder.string()), " has its weights in ", name,
         ", a pickle that can run code; convert it with: python -c \"from transformers import "
         "AutoModelForCausalLM as M; "
         "M.from_pretrained('DIR').save_pretrained('DIR', safe_serialization=True)\"");
  }
  fail(Code::not_found, "no model.safetensors in ", quoted(folder.string()));
}

}  // namespace loquor
