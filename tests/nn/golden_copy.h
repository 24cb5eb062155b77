// A copy of a golden model's folder that a test may spoil.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/temporary_folder.h"
#include "data.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"
#include "loquor/model.hpp"

namespace loquor::tests {

class Copy {
 public:
  explicit Copy(std::string name) : name_(std::move(name)) {
    for (const auto& entry : std::filesystem::directory_iterator(golden(name_))) {
      std::filesystem::copy(entry.path(), folder_.path() / entry.path().filename(),
                            std::filesystem::copy_options::recursive);
    }
  }
  std::string path() const { return folder_.path().string(); }
  void config(const std::function<void(Json&)>& change) const { json("config.json", change); }
  void json(const char* file, const std::function<void(Json&)>& change) const {
    Json document = Json::parse(read_text(folder_.path() / file));
    change(document);
    folder_.write(file, document.dump());
  }
  // Writes the tensors again, each as change(name, shape, values) left it; an empty name leaves it
  // out.
  void tensors(const std::function<void(std::string&, std::vector<std::int64_t>&,
                                        std::vector<float>&)>& change) const {
    SafetensorsWriter writer;
    for (const StoredTensor& tensor : read_safetensors(golden(name_) / "model.safetensors")) {
      std::string name = tensor.name;
      auto shape = tensor.shape;
      auto values = to_floats(tensor);
      change(name, shape, values);
      if (!name.empty()) writer.add(name, shape, values);
    }
    folder_.write("model.safetensors", writer.bytes());
  }
  /// One more tensor, of zeros.
  void add_tensor(const std::string& name, const std::vector<std::int64_t>& shape) const {
    SafetensorsWriter writer;
    for (const StoredTensor& tensor : stored())
      writer.add(tensor.name, loquor::name(tensor.type), tensor.shape, tensor.bytes.view());
    std::int64_t size = 1;
    for (const std::int64_t length : shape) size *= length;
    writer.add(name, shape, std::vector<float>(static_cast<std::size_t>(size)));
    folder_.write("model.safetensors", writer.bytes());
  }
  Checkpoint stored() const { return read_safetensors(golden(name_) / "model.safetensors"); }
  void write(const char* file, std::string_view content) const { folder_.write(file, content); }
  void remove(const char* file) const { std::filesystem::remove(folder_.path() / file); }
  void open(const ModelOptions& options = {}) const { Model(path(), options); }

 private:
  std::string name_;
  TemporaryFolder folder_;
};

}  // namespace loquor::tests
