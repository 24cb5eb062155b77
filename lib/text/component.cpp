// Accounting for every member of a component.
#include "text/component.h"

#include <algorithm>

#include "base/error.h"

namespace loquor {

void require_known_keys(const Json& json, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : json.as_object()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      fail(Code::unsupported, "the key ", quoted(key), " is not known");
    }
  }
}

Component::Component(const Json& json, std::string place) : json_(json), place_(std::move(place)) {
  if (!json.is_object())
    fail(Code::invalid_file, place_, " is ", name(json.kind()), ", expected an object");
  type_ = text("type");
}

std::string Component::where(std::string_view key) const { return loquor::text(place_, '.', key); }

const Json* Component::find(std::string_view key) {
  const Json* found = json_.find(key);
  if (found) read_.push_back(key);
  return found && !found->is_null() ? found : nullptr;
}

const Json& Component::at(std::string_view key) {
  const Json* found = find(key);
  if (!found) fail(Code::invalid_file, place_, " has no ", quoted(key));
  return *found;
}

bool Component::flag(std::string_view key, bool otherwise) {
  const Json* found = find(key);
  return found ? within(where(key), [&] { return found->as_bool(); }) : otherwise;
}

std::string Component::text(std::string_view key) {
  const Json& found = at(key);
  return within(where(key), [&] { return found.as_string(); });
}

std::string Component::text(std::string_view key, std::string_view otherwise) {
  return find(key) ? text(key) : std::string(otherwise);
}

std::int64_t Component::integer(std::string_view key) {
  const Json& found = at(key);
  return within(where(key), [&] { return found.as_integer(); });
}

std::vector<Component> Component::components(std::string_view key) {
  const Json& found = at(key);
  std::vector<Component> parts;
  within(where(key), [&] {
    for (const Json& part : found.as_array()) {
      parts.emplace_back(part, loquor::text(where(key), '[', parts.size(), ']'));
    }
  });
  return parts;
}

void Component::done() const {
  for (const auto& [key, value] : json_.as_object()) {
    if (std::find(read_.begin(), read_.end(), key) == read_.end()) {
      refuse(loquor::text(type_, " has the key ", quoted(key), ", which is not known"));
    }
  }
}

void Component::refuse(std::string_view why) const { fail(Code::unsupported, place_, ": ", why); }

void Component::refuse_type(std::string_view known) const {
  refuse(loquor::text("type ", quoted(type_), " is not supported; known: ", known));
}

}  // namespace loquor
