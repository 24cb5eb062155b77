// Builds safetensors files in memory, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "io/binary.h"

namespace loquor::tests {

/// A file of this header and data, which need not be valid.
inline std::string safetensors_file(std::string_view header, std::string_view data = {}) {
  std::string out;
  append_binary(out, static_cast<std::uint64_t>(header.size()));
  return out.append(header).append(data);
}

/// Adds tensors one after the other; bytes() is the file.
class SafetensorsWriter {
 public:
  SafetensorsWriter& add(const std::string& name, std::string_view dtype,
                         const std::vector<std::int64_t>& shape, std::string_view bytes) {
    Json::Array sizes(shape.begin(), shape.end());
    const auto begin = static_cast<std::int64_t>(data_.size());
    data_ += bytes;
    header_[name] = Json(Json::Object{
        {"dtype", dtype},
        {"shape", std::move(sizes)},
        {"data_offsets", Json::Array{begin, static_cast<std::int64_t>(data_.size())}}});
    return *this;
  }
  SafetensorsWriter& add(const std::string& name, const std::vector<std::int64_t>& shape,
                         const std::vector<float>& values) {
    return add(name, "F32", shape, binary(values));
  }
  SafetensorsWriter& metadata(const std::string& key, std::string_view value) {
    header_["__metadata__"][key] = value;
    return *this;
  }
  std::string bytes() const { return safetensors_file(header_.dump(), data_); }

 private:
  Json header_ = Json::object();
  std::string data_;
};

}  // namespace loquor::tests
