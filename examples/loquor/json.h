// Writing JSON.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// A value that is JSON already.
struct Json {
  std::string text;
};

Json json(std::string_view value);
inline Json json(const char* value) { return json(std::string_view(value)); }
inline Json json(const std::string& value) { return json(std::string_view(value)); }
Json json(double value);
inline Json json(std::same_as<bool> auto value) { return {value ? "true" : "false"}; }
inline Json json(std::integral auto value) { return {std::to_string(value)}; }
inline Json json(Json value) { return value; }

template <class Value>
Json json(const std::vector<Value>& values) {
  std::string text = "[";
  for (const auto& value : values) {
    if (text.size() > 1) text += ',';
    text += json(value).text;
  }
  return {text + "]"};
}

/// JsonObject().add("a", 1).add("b", "text").json()
class JsonObject {
 public:
  template <class Value>
  JsonObject& add(std::string_view name, const Value& value) {
    if (text_.size() > 1) text_ += ',';
    text_ += tool::json(name).text + ":" + tool::json(value).text;
    return *this;
  }
  /// The members of an object that is JSON already.
  JsonObject& add_all(const Json& object) {
    if (text_.size() > 1) text_ += ',';
    text_ += object.text.substr(1, object.text.size() - 2);
    return *this;
  }
  Json json() const { return {text_ + "}"}; }

 private:
  std::string text_ = "{";
};

}  // namespace tool
