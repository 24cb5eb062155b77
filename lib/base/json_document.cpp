// Access to the values of a JSON document.
#include <cmath>

#include "base/error.h"
#include "base/json.h"

namespace loquor {

namespace {

[[noreturn]] void fail_kind(const Json& value, std::string_view expected) {
  fail(Code::invalid_file, "expected ", expected, ", found ", name(value.kind()));
}

bool equal_members(const Json::Object& left, const Json& right) {
  for (const auto& [key, value] : left) {
    const Json* other = right.find(key);
    if (!other || !(*other == value)) return false;
  }
  return true;
}

}  // namespace

std::string_view name(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "a boolean";
    case Json::Kind::integer:
      return "an integer";
    case Json::Kind::number:
      return "a number";
    case Json::Kind::string:
      return "a string";
    case Json::Kind::array:
      return "an array";
    case Json::Kind::object:
      return "an object";
  }
  return "nothing";
}

Json Json::parse(std::string_view text) {
  JsonReader reader(text);
  Json document = reader.value();
  reader.end();
  return document;
}

bool Json::as_bool() const {
  if (const bool* value = std::get_if<bool>(&value_)) return *value;
  fail_kind(*this, "a boolean");
}

std::int64_t Json::as_integer() const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  const double* value = std::get_if<double>(&value_);
  if (!value) fail_kind(*this, "an integer");
  if (*value != std::trunc(*value) || !(std::abs(*value) < 0x1p63)) {
    fail(Code::invalid_file, "expected an integer of 64 bits, found ", *value);
  }
  return static_cast<std::int64_t>(*value);
}

double Json::as_number() const {
  if (const double* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  fail_kind(*this, "a number");
}

const std::string& Json::as_string() const {
  if (const auto* value = std::get_if<std::string>(&value_)) return *value;
  fail_kind(*this, "a string");
}

const Json::Array& Json::as_array() const {
  if (const auto* value = std::get_if<Array>(&value_)) return *value;
  fail_kind(*this, "an array");
}

const Json::Object& Json::as_object() const {
  if (const auto* value = std::get_if<Object>(&value_)) return *value;
  fail_kind(*this, "an object");
}

Json::Array& Json::as_array() { return const_cast<Array&>(std::as_const(*this).as_array()); }

Json::Object& Json::as_object() { return const_cast<Object&>(std::as_const(*this).as_object()); }

const Json* Json::find(std::string_view key) const noexcept {
  if (const auto* members = std::get_if<Object>(&value_)) {
    for (const auto& [name, value] : *members) {
      if (name == key) return &value;
    }
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (const Json* value = find(key)) return *value;
  if (!is_object()) fail_kind(*this, text("an object with the key ", quoted(key)));
  fail(Code::invalid_file, "the key ", quoted(key), " is missing");
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object();
  if (const Json* value = find(key)) return const_cast<Json&>(*value);
  return as_object().emplace_back(key, Json()).second;
}

void Json::push_back(Json value) {
  if (is_null()) value_ = Array();
  as_array().push_back(std::move(value));
}

std::size_t Json::size() const noexcept {
  if (const auto* elements = std::get_if<Array>(&value_)) return elements->size();
  if (const auto* members = std::get_if<Object>(&value_)) return members->size();
  return 0;
}

bool Json::operator==(const Json& other) const {
  if (kind() == other.kind() && !is_object()) return value_ == other.value_;
  if (is_number() && other.is_number()) return as_number() == other.as_number();
  return is_object() && other.is_object() && size() == other.size() &&
         equal_members(as_object(), other);
}

}  // namespace loquor
